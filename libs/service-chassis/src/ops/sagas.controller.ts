import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import {
  listSagas,
  operatorRefusals,
  SagaError,
  type GivenSaga,
  type OperatedSaga,
  type OperatorAct,
  type PlacedSagaEvent,
  type SagaEngine,
} from '@millrace/saga';
import { BlockedError } from '@millrace/streaming-core/consumer';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DATABASE } from '../database/database.tokens.ts';
import { noteAction } from '../database/operator-actions.ts';
import { currentMetadata } from '../modules/events/recording.ts';
import { Describe } from '../web/openapi/describe.ts';
import { etagOf, ifMatchHeader, readIfMatch, actorHeader, readActor } from './request-headers.ts';
import { decodeCursor, pageFrom } from '../web/http/pagination.ts';
import { notFound, ProblemError, refusal } from '../web/problems/problem.ts';
import { SAGA_ENGINE } from '../modules/saga/saga-engine.token.ts';
import {
  holdAct,
  holdsView,
  sagaAction,
  sagaDefinition,
  sagaEventsPage,
  sagaEventsQuery,
  sagaId,
  sagaPlace,
  sagasPage,
  sagasQuery,
  sagaView,
  type HoldsView,
  type SagaEventsPage,
  type SagaView,
} from '@millrace/operations/contract';

const acting = {
  description:
    'Every action is recorded as an event of the saga, with actor and reason. `If-Match` is the ETag of ' +
    'the saga as the operator has seen it: of two operators, only the first one acts.',
  requiredHeaders: [actorHeader, ifMatchHeader],
  answers: { 200: sagaView },
  problems: {
    404: ['unknown_saga'],
    409: [...Object.keys(operatorRefusals), 'local_step_failed', 'unknown_version'],
    412: ['version_moved'],
    422: ['invalid_result'],
    428: ['precondition_required'],
  },
};

@Controller('ops/sagas')
export class OpsSagasController {
  constructor(
    @Inject(SAGA_ENGINE) private readonly engine: SagaEngine,
    @Inject(DATABASE) private readonly database: SqlDatabase,
  ) {}

  @Get()
  @Describe({ summary: 'List sagas by state, step and age', answers: { 200: sagasPage } })
  async list(@Query({ schema: sagasQuery }) query: z.infer<typeof sagasQuery>) {
    const { limit, after, olderThanSeconds, ...filter } = query;
    const found = await listSagas(this.database, {
      ...filter,
      olderThanMs: olderThanSeconds === undefined ? undefined : olderThanSeconds * 1_000,
      after: decodeCursor(after, sagaPlace, 'after'),
      limit: limit + 1,
    });
    const { items, nextCursor } = pageFrom(found, limit, ({ place }) => place);
    return {
      items: items.map(({ saga: { steps, ...saga } }) => ({ ...saga, steps: [...steps] })),
      nextCursor,
    };
  }

  @Get(':id')
  @Describe({
    summary: 'Get a saga by its id alone',
    description:
      'The answer is that of `/ops/sagas/{definition}/{id}`, if no other definition has a saga of this id.',
    answers: { 200: sagaView },
    problems: { 404: ['unknown_saga'], 409: ['several_sagas'] },
  })
  async byId(@Param('id', { schema: sagaId }) id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.look({ sagaId: id }, reply);
  }

  @Get(':definition/:id')
  @Describe({
    summary: 'Get a saga with its steps, its timers, its history, and what it waits for',
    answers: { 200: sagaView },
    problems: { 404: ['unknown_saga'] },
  })
  async one(
    @Param('definition', { schema: sagaDefinition }) definition: string,
    @Param('id', { schema: sagaId }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.look({ definition, sagaId: id }, reply);
  }

  @Get(':definition/:id/events')
  @Describe({
    summary: 'List the events of a saga, the oldest first',
    answers: { 200: sagaEventsPage },
    problems: { 404: ['unknown_saga'] },
  })
  async events(
    @Param('definition', { schema: sagaDefinition }) definition: string,
    @Param('id', { schema: sagaId }) id: string,
    @Query({ schema: sagaEventsQuery }) { limit, after, afterVersion = 0 }: z.infer<typeof sagaEventsQuery>,
  ): Promise<SagaEventsPage> {
    const last = decodeCursor(after, eventPlace, 'after') ?? afterVersion;
    const name = { definition, sagaId: id };
    const page = { after: BigInt(last), limit: limit + 1 };
    const found = await this.engine.operations.history(this.database, name, page);
    if (found === undefined) throw unknownSaga();
    const { items, nextCursor } = pageFrom(found, limit, ({ streamVersion }) => Number(streamVersion));
    return { items: items.map(eventViewOf), nextCursor };
  }

  @Post(':id/actions')
  @HttpCode(200)
  @Describe({
    ...acting,
    summary: 'Act on a saga that is named by its id alone',
    problems: { ...acting.problems, 409: [...acting.problems[409], 'several_sagas'] },
  })
  async actById(
    @Param('id', { schema: sagaId }) id: string,
    @Headers(actorHeader) who: string | undefined,
    @Headers(ifMatchHeader) ifMatch: string | undefined,
    @Body({ schema: sagaAction }) asked: z.infer<typeof sagaAction>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.act({ ...asked, sagaId: id, expected: readIfMatch(ifMatch), actor: readActor(who) }, reply);
  }

  @Post(':definition/:id/actions')
  @HttpCode(200)
  @Describe({ ...acting, summary: 'Act on a saga' })
  async actOn(
    @Param('definition', { schema: sagaDefinition }) definition: string,
    @Param('id', { schema: sagaId }) id: string,
    @Headers(actorHeader) who: string | undefined,
    @Headers(ifMatchHeader) ifMatch: string | undefined,
    @Body({ schema: sagaAction }) asked: z.infer<typeof sagaAction>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const name = { definition, sagaId: id };
    return this.act({ ...asked, ...name, expected: readIfMatch(ifMatch), actor: readActor(who) }, reply);
  }

  private async look(saga: GivenSaga, reply: FastifyReply): Promise<SagaView> {
    return answer(reply, await this.engine.operations.look(this.database, saga).catch(refused));
  }

  private async act(asked: Omit<OperatorAct, 'causationId'>, reply: FastifyReply): Promise<SagaView> {
    const { causationId } = currentMetadata();
    const saga = await this.database
      .transaction((transaction) => this.engine.operations.act(transaction, { ...asked, causationId }))
      .catch(refused);
    return answer(reply, saga);
  }
}

const ofHolds = { answers: { 200: holdsView }, problems: { 404: ['unknown_hold'] } };

/** Stops many sagas at once: they record what comes, and send nothing until they are released. */
@Controller('ops/saga-holds')
export class OpsSagaHoldsController {
  constructor(
    @Inject(SAGA_ENGINE) private readonly engine: SagaEngine,
    @Inject(DATABASE) private readonly database: SqlDatabase,
  ) {}

  @Get()
  @Describe({
    summary: 'List the definitions and the commands that are held back',
    answers: { 200: holdsView },
  })
  async list(): Promise<HoldsView> {
    return { items: [...(await this.engine.holds.list(this.database))] };
  }

  @Post()
  @HttpCode(200)
  @Describe({
    ...ofHolds,
    summary: 'Hold back the sagas of a definition, or the commands to a participant',
    description:
      'Sagas record what comes. Their commands are not sent and their timers do not fire until the hold is ' +
      'released. Every process follows within a second.',
    requiredHeaders: [actorHeader],
  })
  async hold(
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: holdAct }) asked: z.infer<typeof holdAct>,
  ): Promise<HoldsView> {
    return this.noted('hold sagas', who, asked, (transaction, actor) =>
      this.engine.holds.hold(transaction, { ...asked, actor }),
    );
  }

  @Post('release')
  @HttpCode(200)
  @Describe({
    ...ofHolds,
    summary: 'Release what is held back: what was not sent is sent',
    requiredHeaders: [actorHeader],
  })
  async release(
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: holdAct }) asked: z.infer<typeof holdAct>,
  ): Promise<HoldsView> {
    return this.noted('release sagas', who, asked, async (transaction) => {
      if (!(await this.engine.holds.release(transaction, asked)))
        throw notFound('unknown_hold', `The ${asked.kind} ${asked.name} is not held back`);
    });
  }

  private async noted(
    action: string,
    who: string | undefined,
    { kind, name, reason }: z.infer<typeof holdAct>,
    act: (transaction: SqlTransaction, actor: string) => Promise<unknown>,
  ): Promise<HoldsView> {
    const actor = readActor(who);
    await this.database
      .transaction(async (transaction) => {
        await act(transaction, actor);
        await noteAction(transaction, { actor, reason, action, subject: `${kind} ${name}` });
      })
      .catch(refused);
    return this.list();
  }
}

const unknownSaga = () => notFound('unknown_saga', 'No saga has this id');

/** The version of the last event of a page. */
const eventPlace = z.number().int().min(0);

const eventViewOf = ({ streamVersion, event }: PlacedSagaEvent): SagaEventsPage['items'][number] => ({
  ...event,
  streamVersion: Number(streamVersion),
});

function answer(reply: FastifyReply, saga: OperatedSaga | undefined): SagaView {
  if (saga === undefined) throw unknownSaga();
  void reply.header('etag', etagOf(saga.streamVersion));
  return viewOf(saga);
}

/** Turns a refusal of the engine into a problem. Any other error passes unchanged. */
function refused(error: unknown): never {
  if (error instanceof BlockedError)
    throw new ProblemError(409, 'unknown_version', 'This process does not know the version of the saga', {
      detail: error.message,
    });
  if (!(error instanceof SagaError)) throw error;
  const { code, message: detail } = error;
  if (code === 'version_moved') throw refusal('version_moved', { detail });
  if (code === 'several_sagas')
    throw new ProblemError(409, code, 'Sagas of several definitions have this id', { detail });
  if (code === 'invalid_result')
    throw new ProblemError(422, code, 'The result is not what the reply may contain', { detail });
  if (code === 'local_step_failed')
    throw new ProblemError(409, code, 'The service could not decide the step', { detail });
  if (code === 'unknown_hold') throw notFound(code, detail);
  if (code in operatorRefusals) throw new ProblemError(409, code, detail);
  throw error;
}

const viewOf = ({ streamVersion, ...saga }: OperatedSaga): SagaView => ({
  ...saga,
  streamVersion: Number(streamVersion),
  steps: [...saga.steps],
  compensations: [...saga.compensations],
  timers: [...saga.timers],
  waits: [...saga.waits],
  branches: { ...saga.branches },
  holds: [...saga.holds],
  waitsFor: saga.waitsFor.map(({ replies, ...waits }) => ({ ...waits, replies: [...replies] })),
  events: saga.events.map((event) => ({ ...event })),
});
