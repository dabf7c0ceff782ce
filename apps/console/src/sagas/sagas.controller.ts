import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { askReachable } from '@millrace/operations/client';
import type { HoldsView, SagaDefinitionsView } from '@millrace/operations/contract';
import { Describe } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { earlierMax, type EventsBefore, type SagaDefinitions } from '../api/sagas.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Followed } from '../live/followed.ts';
import { inWords } from '../answer-in-words.ts';
import { perSecond, signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';
import { actOnMany } from './act-on-many.ts';
import { SagaReader } from './saga-reader.ts';

const sagaName = z.strictObject({ service: text, definition: text, id: text });

const earlierQuery = z.strictObject({
  before: z.coerce.number().int().min(2),
  limit: z.coerce.number().int().min(1).max(earlierMax),
});

const actOnAll = signed.extend({
  action: z.enum(['retry', 'compensate', 'pause', 'resume']),
  perSecond,
  /** The filter of the list, whose fields the services know. */
  filter: z.object({ state: text }).catchall(text),
});

@Controller('api/sagas')
export class SagasController {
  constructor(
    private readonly reader: SagaReader,
    private readonly system: System,
    private readonly jobs: Jobs,
  ) {}

  @Followed('live/:service/:definition/:id', 'Follow a saga with its steps and its latest events')
  one(@Param({ schema: sagaName }) name: z.infer<typeof sagaName>) {
    return { everyMs: 1_000, read: () => this.reader.one(name) };
  }

  @Get('events/:service/:definition/:id')
  @Describe({
    summary: 'Get events of a saga before a version',
    answers: { 200: inWords('Events of the saga, the oldest first') },
    problems: { 404: ['unknown_service', 'unknown_saga'], 502: ['no_answer'] },
  })
  events(
    @Param({ schema: sagaName }) name: z.infer<typeof sagaName>,
    @Query({ schema: earlierQuery }) { before, limit }: z.infer<typeof earlierQuery>,
  ): Promise<EventsBefore> {
    return throughOperators(this.reader.eventsBefore(name, before, limit));
  }

  @Post('act-on-all')
  @HttpCode(204)
  @Describe({
    summary: 'Retry, compensate, pause or resume all sagas that match a filter, as a job',
    answers: { 204: null },
    problems: { 403: ['read_only'], 429: ['too_many_jobs'] },
  })
  actOnAll(@Body({ schema: actOnAll }) order: z.infer<typeof actOnAll>): void {
    this.jobs.start(actOnMany(this.system.operators(order.actor), order));
  }

  @Followed(
    'definitions/live',
    'Follow the definitions of all sagas, how many wait at each step, and what is held back',
  )
  definitions() {
    return { everyMs: 2_000, read: () => readDefinitions(this.system) };
  }
}

/**
 * Reads the definitions of all services. One without sagas is left out; one that does not answer is
 * named.
 */
async function readDefinitions(system: System): Promise<SagaDefinitions> {
  const { found, missing } = await askReachable(system.operators(), async (ops) => {
    const [definitions, holds] = await Promise.all([
      ops.get<SagaDefinitionsView>('/ops/saga-definitions'),
      ops.get<HoldsView>('/ops/saga-holds'),
    ]);
    return { service: ops.service, definitions: definitions.body.items, holds: holds.body.items };
  });
  return { services: found, missing };
}
