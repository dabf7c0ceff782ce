import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { Describe } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { OffsetMove } from '../api/groups.ts';
import { Followed } from '../live/followed.ts';
import { inWords } from '../answer-in-words.ts';
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
export class GroupsController {
  constructor(private readonly reader: GroupReader) {}

  @Followed('live', 'Follow the consumer groups, with their lag on each topic')
  list() {
    return { everyMs: 5_000, read: () => this.reader.list() };
  }

  @Followed('live/:group', 'Follow the members of a consumer group, and its lag on each partition')
  one(@Param({ schema: groupName }) { group }: z.infer<typeof groupName>) {
    return { everyMs: 2_000, read: () => this.reader.one(group) };
  }

  @Post('reset/:group')
  @HttpCode(200)
  @Describe({
    summary: 'Reset the offsets of a consumer group without members',
    description:
      'Without `shown` it is a dry run. With it, the moves of a dry run, the offsets are reset if none has moved since.',
    answers: { 200: inWords('Each offset before and after') },
    problems: {
      400: ['argument_invalid'],
      403: ['read_only'],
      404: ['unknown_group', 'unknown_topic', 'offset_out_of_range'],
      409: ['group_in_use', 'group_has_moved', 'offsets_of_service'],
      502: ['no_answer'],
    },
  })
  async reset(
    @Param({ schema: groupName }) { group }: z.infer<typeof groupName>,
    @Body({ schema: resetOrder }) order: z.infer<typeof resetOrder>,
  ): Promise<{ readonly moves: readonly OffsetMove[] }> {
    return { moves: await throughLog(this.reader.reset(group, order)) };
  }
}
