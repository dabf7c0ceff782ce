import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { parkedPosition, type ParkedPage } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Followed } from '../live/followed.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { listLimit, signed, text, type Signed } from '../system/request-fields.ts';
import { System } from '../system/system.ts';

const listQuery = z.strictObject({ limit: listLimit });
const parkedAct = z.strictObject({
  service: text,
  position: parkedPosition,
  act: z.enum(['retry', 'give-up']),
});

const path = '/ops/parked-keys';

@Controller('api/parked-keys')
@Undocumented()
export class ParkedKeysController {
  constructor(private readonly system: System) {}

  /** In an order that an attempt does not change, so that nothing moves away from the pointer. */
  @Followed('live')
  list(@Query({ schema: listQuery }) { limit }: z.infer<typeof listQuery>) {
    const orderBy = ({ position }: ParkedPage['items'][number]) => position.padStart(18, '0');
    return { everyMs: 2_000, read: () => firstOfAll(this.system.operators(), { path, limit, orderBy }) };
  }

  @Post(':service/:position/:act')
  @HttpCode(204)
  act(
    @Param({ schema: parkedAct }) { service, position, act }: z.infer<typeof parkedAct>,
    @Body({ schema: signed }) order: Signed,
  ): Promise<void> {
    return this.system.act(service, `${path}/${position}/${act}`, order);
  }
}
