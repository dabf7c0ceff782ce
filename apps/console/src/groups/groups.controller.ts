import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { OffsetMove } from '../api/groups.ts';
import { Followed } from '../live/followed.ts';
import { throughLog } from '../system/log-connections.ts';
import { GroupReader } from './group-reader.ts';

const groupName = z.strictObject({ group: z.string().min(1).max(256) });

const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const move = z.strictObject({
  topic: z.string().max(249),
  partition: z.number().int().min(0),
  from: offset.nullable(),
  to: offset,
});
const resetOrder = z.strictObject({
  reset: z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('to-earliest') }),
    z.strictObject({ mode: z.literal('to-latest') }),
    z.strictObject({ mode: z.literal('to-offset'), offset: offset.transform(BigInt) }),
    z.strictObject({ mode: z.literal('shift-by'), by: z.number().int().transform(BigInt) }),
    z.strictObject({
      mode: z.literal('to-datetime'),
      time: z.iso.datetime().transform((text) => new Date(text)),
    }),
  ]),
  topics: z.array(z.string().max(249)).max(100).default([]),
  shown: z.array(move).min(1).max(10_000).optional(),
});

@Controller('api/groups')
@Undocumented()
export class GroupsController {
  constructor(private readonly reader: GroupReader) {}

  @Followed('live')
  list() {
    return { everyMs: 5_000, read: () => this.reader.list() };
  }

  @Followed('live/:group')
  one(@Param({ schema: groupName }) { group }: z.infer<typeof groupName>) {
    return { everyMs: 2_000, read: () => this.reader.one(group) };
  }

  /** Resets offsets. Without the moves that were shown, this is a dry run. */
  @Post('reset/:group')
  @HttpCode(200)
  async reset(
    @Param({ schema: groupName }) { group }: z.infer<typeof groupName>,
    @Body({ schema: resetOrder }) order: z.infer<typeof resetOrder>,
  ): Promise<{ readonly moves: readonly OffsetMove[] }> {
    return { moves: await throughLog(this.reader.reset(group, order)) };
  }
}
