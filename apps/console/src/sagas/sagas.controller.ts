import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { SagaView } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { JobView } from '../api/jobs.ts';
import { earlierMax, type EventsBefore, type ShownSaga } from '../api/sagas.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { listLimit, perSecond, signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';
import { actOnMany } from './act-on-many.ts';
import { pathOf, SagaReader } from './saga-reader.ts';

const filter = {
  state: text.default('live'),
  definition: text.optional(),
  step: text.optional(),
  olderThanSeconds: z
    .string()
    .regex(/^\d{1,10}$/)
    .optional(),
};
const listQuery = z.strictObject({
  ...filter,
  limit: listLimit,
});
const sagaName = z.strictObject({ service: text, definition: text, id: text });

const earlierQuery = z.strictObject({
  before: z.coerce.number().int().min(2),
  limit: z.coerce.number().int().min(1).max(earlierMax),
});

const act = signed.extend({
  action: z.enum(['retry', 'skip', 'compensate', 'pause', 'resume']),
  /** The version of the saga as the page shows it: of two operators, only the first one acts. */
  streamVersion: z.number().int().min(0),
  step: text.optional(),
  result: z.looseObject({ type: text }).optional(),
});

const actOnAll = signed.extend({
  action: z.enum(['retry', 'compensate', 'pause', 'resume']),
  perSecond,
  filter: z.strictObject(filter),
});

const everyMs = { list: 2_000, one: 1_000 };

@Controller('api/sagas')
@Undocumented()
export class SagasController {
  constructor(
    private readonly reader: SagaReader,
    private readonly system: System,
    private readonly answers: LiveAnswers,
    private readonly jobs: Jobs,
  ) {}

  @Live('live')
  list(
    @Query({ schema: listQuery }) query: z.infer<typeof listQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const { limit, ...wanted } = query;
    const read = () => this.reader.list(wanted, limit);
    return this.answers.follow(
      `sagas ${JSON.stringify(query)}`,
      { everyMs: everyMs.list, read },
      lastEventId,
    );
  }

  @Live('live/:service/:definition/:id')
  one(
    @Param({ schema: sagaName }) name: z.infer<typeof sagaName>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const read = () => this.reader.one(name);
    return this.answers.follow(`saga ${JSON.stringify(name)}`, { everyMs: everyMs.one, read }, lastEventId);
  }

  @Get('events/:service/:definition/:id')
  events(
    @Param({ schema: sagaName }) name: z.infer<typeof sagaName>,
    @Query({ schema: earlierQuery }) { before, limit }: z.infer<typeof earlierQuery>,
  ): Promise<EventsBefore> {
    return throughOperators(this.reader.eventsBefore(name, before, limit));
  }

  /** Answers with the saga after the act, which its service has recorded as an event. */
  @Post('act/:service/:definition/:id')
  @HttpCode(200)
  async act(
    @Param({ schema: sagaName }) name: z.infer<typeof sagaName>,
    @Body({ schema: act }) { actor: who, streamVersion, ...body }: z.infer<typeof act>,
  ): Promise<ShownSaga> {
    const ops = this.system.operatorOf(name.service, who);
    const asked = ops.post<SagaView>(`${pathOf(name)}/actions`, { body, ifMatch: `"${streamVersion}"` });
    const { events, ...saga } = (await throughOperators(asked)).body;
    return { service: name.service, saga, events };
  }

  @Post('act-on-all')
  @HttpCode(202)
  actOnAll(@Body({ schema: actOnAll }) order: z.infer<typeof actOnAll>): JobView {
    return this.jobs.start(actOnMany(this.system.operators(order.actor), order));
  }
}
