import { Body, Controller, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { parkedPosition, type ParkedPage } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { listLimit, signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';

const listQuery = z.strictObject({ limit: listLimit });
const parkedAct = z.strictObject({
  service: text,
  position: parkedPosition,
  act: z.enum(['retry', 'give-up']),
});

const path = '/ops/parked-keys';
const everyMs = 2_000;

@Controller('api/parked-keys')
@Undocumented()
export class ParkedKeysController {
  constructor(
    private readonly system: System,
    private readonly answers: LiveAnswers,
  ) {}

  /** In an order that an attempt does not change, so that nothing moves away from the pointer. */
  @Live('live')
  list(
    @Query({ schema: listQuery }) { limit }: z.infer<typeof listQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const read = () =>
      firstOfAll<ParkedPage['items'][number]>(this.system.operators(), {
        path,
        limit,
        orderBy: ({ position }) => position.padStart(18, '0'),
      });
    return this.answers.follow(`parked keys ${limit}`, { everyMs, read }, lastEventId);
  }

  @Post(':service/:position/:act')
  @HttpCode(204)
  async act(
    @Param({ schema: parkedAct }) { service, position, act }: z.infer<typeof parkedAct>,
    @Body({ schema: signed }) { actor: who, reason: why }: z.infer<typeof signed>,
  ): Promise<void> {
    const ops = this.system.operatorOf(service, who);
    await throughOperators(ops.post(`${path}/${position}/${act}`, { body: { reason: why } }));
  }
}
