import { assertNever, loadState, lockMoreStreams, type EventStore } from '@millrace/event-sourcing';
import type { Message } from '@millrace/streaming-core/contract';
import { type SqlRow, type SqlTransaction, type Queryable } from '@millrace/streaming-core/postgres';
import type { SagaEvent } from '../decision/events.ts';
import type { OperatorInput } from '../decision/inputs.ts';
import { repliesTo, sagaStream, waitsOf, type SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import { PARTITION_OF_SAGA } from '../postgres/saga.sql.ts';
import { timersOf } from '../postgres/saga-rows.ts';
import { type Definitions, needsVersion } from './definitions.ts';
import { streamsOf } from './handlers.ts';
import { holdsOfSaga, type Hold } from './holds.ts';
import { reportLifecycle } from './reports.ts';
import { inspected, waitsFor, type InspectedSaga, type SagaName, type WaitedReply } from './inspect.ts';
import type { LocalSteps } from './local-steps.ts';
import type { SagaEngineOptions } from './options.ts';
import { sagaFolding } from '../decision/evolve.ts';
import { type Present, openWaits, awaited } from '../decision/state.ts';

/** A saga as an operator sees it. */
export interface OperatedSaga extends InspectedSaga {
  /** The version of the saga's stream, which every change of the saga raises. */
  readonly streamVersion: bigint;
  readonly correlationId: string;
  readonly startedAt: string;
  /** What the saga waits for, each with the types of the messages that end the waiting. */
  readonly waitsFor: readonly WaitedReply[];
  /** The holds that keep the saga from sending commands again, from giving up, or from ending a wait. */
  readonly holds: readonly Hold[];
  readonly paused?: { readonly actor: string; readonly reason: string; readonly at: string };
  /** The saga's history, the oldest event first. */
  readonly events: readonly SagaEvent[];
}

/** The definition may be left out if only one has a saga of this id. */
export type GivenSaga = Pick<SagaName, 'sagaId'> & Partial<SagaName>;

export interface OperatorAct extends GivenSaga {
  /** The version of the stream that the operator has seen. */
  readonly expected: bigint;
  readonly action: OperatorInput['action'];
  readonly actor: string;
  readonly reason: string;
  /**
   * The step or wait to `retry` or `skip`. It may be left out if the saga waits for only one thing.
   */
  readonly step?: string | undefined;
  /** The fields of the reply or message that `skip` takes, with its `type`. */
  readonly result?: Readonly<Record<string, unknown>> | undefined;
  /** The id of the request that asks for the act. */
  readonly causationId: string;
}

/** An event of a saga with its version in the saga's stream. */
export interface PlacedSagaEvent {
  readonly streamVersion: bigint;
  readonly event: SagaEvent;
}

interface HistoryPage {
  /** The version of the last event of the page before, or 0. */
  readonly after: bigint;
  readonly limit: number;
}

export interface SagaOperations {
  /**
   * Resolves to undefined if no saga has this id. Rejects with `SagaError` (`several_sagas`) if no
   * definition is given and several have a saga of this id.
   */
  look(transaction: Queryable, name: GivenSaga): Promise<OperatedSaga | undefined>;
  /**
   * Returns the events of a saga after a version, the oldest first. Resolves to undefined if there is
   * no such saga.
   */
  history(
    transaction: Queryable,
    name: SagaName,
    page: HistoryPage,
  ): Promise<readonly PlacedSagaEvent[] | undefined>;
  /**
   * Takes an action of an operator, in the given transaction, which may be repeated after a
   * conflict. Resolves to undefined if no saga has this id. Rejects with `SagaError`:
   * `several_sagas`, `version_moved` if the saga has changed since, `invalid_result`, `local_step_failed` or one of
   * `operatorRefusals`. Rejects with `BlockedError` if this process does not know the saga's
   * version.
   */
  act(transaction: SqlTransaction, act: OperatorAct): Promise<OperatedSaga | undefined>;
}

/** The number of events that `look` returns at most, the latest ones. */
const eventsShownMax = 1_000;

export function sagaOperations(
  options: SagaEngineOptions,
  definitions: Definitions,
  steps: LocalSteps,
): SagaOperations {
  const { store, clock } = options;

  async function find(transaction: SqlTransaction, { sagaId, definition }: GivenSaga) {
    const found: { readonly state: Present; readonly version: bigint }[] = [];
    for (const name of definition === undefined ? definitions.names : [definition]) {
      const { state, version } = await loadState(transaction, store, sagaFolding, sagaStream(name, sagaId));
      if (state.status !== 'absent' && state.definition === name) found.push({ state, version });
    }
    if (found.length > 1) throw severalSagas(found.map(({ state }) => state));
    return found[0];
  }

  async function look(transaction: SqlTransaction, name: GivenSaga): Promise<OperatedSaga | undefined> {
    const found = await find(transaction, name);
    if (found === undefined) return undefined;
    const { state, version } = found;
    const timers = await timersOf(transaction, state.definition, state.sagaId);
    const { holds, isHeld } = await holdsOfSaga(transaction, state.definition, state.sagaId);
    return {
      ...inspected(definitions, state, timers),
      streamVersion: version,
      correlationId: state.correlationId,
      startedAt: state.startedAt,
      waitsFor: waitsFor(definitions, state, timers, isHeld),
      holds,
      ...(state.paused && { paused: state.paused }),
      events: await eventsOf(store, transaction, state, version),
    };
  }

  async function history(transaction: Queryable, name: SagaName, { after, limit }: HistoryPage) {
    const stream = sagaStream(name.definition, name.sagaId);
    const [started] = await store.read(transaction, stream, { limit: 1, opens: false });
    if (started === undefined || !isStartOf(started.event as SagaEvent, name)) return undefined;
    const found = await store.read(transaction, stream, { fromVersion: after + 1n, limit, opens: false });
    return found.map(({ version, event }) => ({ streamVersion: version, event: event as SagaEvent }));
  }

  async function act(transaction: SqlTransaction, asked: OperatorAct): Promise<OperatedSaga | undefined> {
    const before = await find(transaction, asked);
    if (before === undefined) return undefined;
    const { definition: name, sagaId } = before.state;
    await lockMoreStreams(transaction, streamsOf(options, name, sagaId));
    const { state, version } = await loadState(transaction, store, sagaFolding, sagaStream(name, sagaId));
    if (version !== asked.expected) throw moved(state as Present, asked.expected, version);
    if (definitions.version(name, before.state.version) === undefined)
      throw needsVersion(name, sagaId, before.state.version);
    const change = await transaction.unitOfWork(async () =>
      steps.takeAgain(transaction, {
        name,
        sagaId,
        causationId: asked.causationId,
        trace: {},
        partition: await partitionOf(transaction, name, sagaId),
        what: `operator ${asked.action}`,
        toInput: (definition, at) => inputOf(definition, state as Present, asked, at),
      }),
    );
    if (change !== undefined) {
      steps.settled(change.after);
      reportLifecycle(change, clock.now());
    }
    return look(transaction, { sagaId, definition: name });
  }

  return { look, history, act };
}

/** The stream of saga `b-c` of definition `a` has the same name as that of saga `c` of `a-b`. */
const isStartOf = (event: SagaEvent, { definition, sagaId }: SagaName): boolean =>
  event.type === 'SagaStarted' && event.definition === definition && event.sagaId === sagaId;

/** A saga that started locally has its partition only in its row. */
async function partitionOf(
  transaction: SqlTransaction,
  definition: string,
  sagaId: string,
): Promise<number | undefined> {
  const { rows } = await transaction.query<SqlRow & { partition: number | null }>(PARTITION_OF_SAGA, [
    definition,
    sagaId,
  ]);
  return rows[0]?.partition ?? undefined;
}

async function eventsOf(
  store: EventStore,
  transaction: SqlTransaction,
  { definition, sagaId }: Present,
  version: bigint,
): Promise<readonly SagaEvent[]> {
  const first = version - BigInt(eventsShownMax) + 1n;
  const events = await store.read(transaction, sagaStream(definition, sagaId), {
    fromVersion: first > 1n ? first : 1n,
    limit: eventsShownMax,
  });
  return events.map(({ event }) => event as SagaEvent);
}

const severalSagas = (found: readonly Present[]): SagaError =>
  new SagaError(
    'several_sagas',
    `${found.map(({ definition, sagaId }) => `${definition}/${sagaId}`).join(' and ')} have the same id: name one of them with its definition`,
  );

const moved = ({ definition, sagaId }: Present, expected: bigint, actual: bigint): SagaError =>
  new SagaError(
    'version_moved',
    `saga ${definition} ${sagaId} is at version ${actual}, and was expected at ${expected}: look at it again`,
  );

function inputOf(
  definition: SagaDefinition,
  state: Present,
  { action, actor, reason, step, result }: OperatorAct,
  at: string,
): OperatorInput {
  const act = { type: 'operator', actor, reason, at } as const;
  const named = step === undefined ? {} : { step };
  switch (action) {
    case 'retry':
      return { ...act, action, ...named };
    case 'skip':
      return {
        ...act,
        action,
        ...named,
        ...(result && { result: checkedResult(definition, state, result) }),
      };
    case 'compensate':
    case 'pause':
    case 'resume':
      return { ...act, action };
    default:
      return assertNever(action);
  }
}

/** A result of another type passes: the decision refuses it with the reason. */
function checkedResult(
  definition: SagaDefinition,
  state: Present,
  result: Readonly<Record<string, unknown>>,
): Message {
  const open = new Set(openWaits(state).map(({ name }) => name));
  const declared = [
    ...awaited(state).flatMap((waits) => repliesTo(definition, waits).map(({ declaration }) => declaration)),
    ...waitsOf(definition).flatMap(({ name, event, refused }) =>
      open.has(name) ? [event, ...(refused === undefined ? [] : [refused])] : [],
    ),
  ].find(({ type }) => type === result['type']);
  if (declared === undefined) return { ...result, type: String(result['type']) };
  const { success, data, error } = declared.schema.safeParse(result);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the result'}: ${message}`);
  throw new SagaError('invalid_result', `${declared.type}: ${problems.join('; ')}`, { cause: error });
}
