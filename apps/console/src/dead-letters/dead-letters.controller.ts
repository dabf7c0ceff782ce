import { Body, Controller, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { letterId } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { Decided } from '../api/dead-letters.ts';
import type { JobView } from '../api/jobs.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { listLimit, perSecond, signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';
import { decideMany, decideOne, tryMany } from './decide-letters.ts';
import { LetterReader } from './letter-reader.ts';

const filter = {
  service: text.optional(),
  topic: text.optional(),
  type: text.optional(),
  code: text.optional(),
  key: z.string().max(1_000).optional(),
};
const listQuery = z.strictObject({
  ...filter,
  state: z.enum(['open', 'decided', 'all']).default('open'),
  limit: listLimit,
});
const letterName = z.strictObject({ service: text, id: letterId });

const decision = z.enum(['redrive', 'discard']);
/** Without who acts and why, an order is a dry run: it says what would happen, and nothing happens. */
const signedOrDry = signed.optional();
const oneOrder = z.strictObject({
  decision,
  signed: signedOrDry,
  value: z.looseObject({ type: text }).optional(),
});
const manyOrder = z.strictObject({
  decision,
  signed: signedOrDry,
  filter: z.strictObject(filter),
  perSecond,
});

type LetterName = z.infer<typeof letterName>;

const everyMs = { reasons: 3_000, list: 3_000, one: 1_000 };

@Controller('api/dead-letters')
@Undocumented()
export class DeadLettersController {
  constructor(
    private readonly reader: LetterReader,
    private readonly system: System,
    private readonly answers: LiveAnswers,
    private readonly jobs: Jobs,
  ) {}

  @Live('live/reasons')
  reasons(@Headers('last-event-id') lastEventId: string | undefined) {
    const read = () => this.reader.reasons();
    return this.answers.follow('dead letters by reason', { everyMs: everyMs.reasons, read }, lastEventId);
  }

  @Live('live/list')
  list(
    @Query({ schema: listQuery }) query: z.infer<typeof listQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const { limit, ...wanted } = query;
    const read = () => this.reader.list(wanted, limit);
    return this.answers.follow(
      `dead letters ${JSON.stringify(query)}`,
      {
        everyMs: everyMs.list,
        read,
      },
      lastEventId,
    );
  }

  @Live('live/:service/:id')
  one(
    @Param({ schema: letterName }) { service, id }: LetterName,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const read = () => this.reader.one(service, id);
    return this.answers.follow(`dead letter ${service} ${id}`, { everyMs: everyMs.one, read }, lastEventId);
  }

  @Post('decide/:service/:id')
  @HttpCode(200)
  decideOne(
    @Param({ schema: letterName }) { service, id }: LetterName,
    @Body({ schema: oneOrder }) { decision: asked, signed: by, value }: z.infer<typeof oneOrder>,
  ): Promise<Decided> {
    const ops = this.system.operatorOf(service, by?.actor);
    return throughOperators(decideOne(ops, asked, { id, value, reason: by?.reason }));
  }

  /** Answers with the outcome of a dry run, or with the job that has begun. */
  @Post('decide-many')
  @HttpCode(200)
  async decideMany(
    @Body({ schema: manyOrder }) { signed: by, ...order }: z.infer<typeof manyOrder>,
  ): Promise<Decided | JobView> {
    const { service, ...wanted } = order.filter;
    const services = this.system.operatorsNamed(service, by?.actor);
    if (by === undefined) return throughOperators(tryMany(services, order.decision, wanted));
    const total = await this.reader.count(order.filter);
    return this.jobs.start(decideMany(services, { ...order, ...by, filter: wanted, total }));
  }
}
