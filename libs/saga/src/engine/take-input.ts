import { loadState } from '@millrace/event-sourcing';
import {
  traceOf,
  type TraceContext,
  traceContextOf,
  type TraceCarrier,
} from '@millrace/streaming-core/contract';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import { isErased } from '@millrace/streaming-core/personal';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { tracingChannel } from 'node:diagnostics_channel';
import { sagaDecider, type SagaDecision, type CommandToSend, type TimerChange } from '../decision/decide.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { defaultSagaSettings } from '../decision/settings.ts';
import { isLocal, sagaStream, type SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import { adoptTimers, saveSaga, type FoundTimer, type SavedTimer } from '../postgres/saga-rows.ts';
import { commandMessage } from '../decision/commands.ts';
import { type Definitions, needsVersion } from './definitions.ts';
import type { Held } from './holds.ts';
import type { SagaEngineOptions } from './options.ts';
import { sagaFolding } from '../decision/evolve.ts';
import {
  type Present,
  type SagaState,
  awaited,
  isLive,
  needsAttention,
  openWaits,
  tokenOf,
} from '../decision/state.ts';

/** The states of a saga before and after an input that changed it. */
export interface SagaChanged {
  readonly before: SagaState;
  readonly after: Present;
  /** The command that the service has to decide in the same transaction. */
  readonly local?: OutboxMessage;
}

/** Resolves to undefined if the input changed nothing. */
export type TakeInput = (transaction: SqlTransaction, incoming: Incoming) => Promise<SagaChanged | undefined>;

/**
 * Takes inputs, each in the caller's transaction, which holds the lock of the saga's stream.
 * Events, timers, outbox rows and the instance's row commit together or not at all.
 */
export function inputTaker(
  options: SagaEngineOptions,
  definitions: Definitions,
  heldBack: (transaction: SqlTransaction) => Promise<Held>,
): TakeInput {
  const { store, clock, newId, appendToOutbox, logger = silentLogger } = options;
  const settings = { ...defaultSagaSettings, ...options.settings };

  return (transaction, incoming) =>
    reportInput(incoming, (report) => takeReported(transaction, incoming, report));

  async function takeReported(
    transaction: SqlTransaction,
    incoming: Incoming,
    report: InputReport,
  ): Promise<SagaChanged | undefined> {
    const { name, sagaId, causationId } = incoming;
    const stream = sagaStream(name, sagaId);
    const { state, version } = await loadState(transaction, store, sagaFolding, stream);
    const definition = definitionFor(definitions, name, state);
    if (definition === undefined) {
      logger.info({ definition: name, sagaId }, 'ignored a reply to an ended saga of a retired version');
      return undefined;
    }
    const now = clock.now();
    const at = new Date(now).toISOString();
    const input = incoming.toInput(definition, at);
    const decision = sagaDecider(definition, settings).decide(input, state, newId);
    await adopt(transaction, incoming, state, decision.state, now);
    if (decision.events.length === 0 || decision.state.status === 'absent')
      return startedLocallyWith(state, input);
    addDecision(report, decision, decision.state);
    const trace = traceOf(report);
    const metadata = { correlationId: decision.state.correlationId, causationId, ...trace };
    const expected = version === 0n ? 'none' : version;
    await store.append(transaction, [{ stream, expected, events: decision.events }], {
      metadata,
      newId,
      now: new Date(now),
    });
    const { partition } = incoming;
    const outgoing = await messagesOf(transaction, trace, definition, decision, decision.state, at);
    const timers = decision.timers.map((timer) => timerOf(timer, outgoing));
    await saveSaga(transaction, { state: decision.state, timers, partition, trace, now });
    const sent = outgoing.filter(({ withheld }) => !withheld);
    await appendToOutbox(
      transaction,
      sent.flatMap(({ local, message }) => (local ? [] : [message])),
    );
    log(state, decision.state);
    const local = sent.find((each) => each.local)?.message;
    return { before: state, after: decision.state, local };
  }

  /** Builds the commands. Leaves out those that need erased data. */
  async function messagesOf(
    transaction: SqlTransaction,
    trace: TraceContext,
    definition: SagaDefinition,
    { commands }: SagaDecision,
    state: Present,
    time: string,
  ): Promise<readonly Outgoing[]> {
    if (commands.length === 0) return [];
    const personal = await personalOf(transaction, definition, state);
    const envelope = { source: options.source, time, trace, personal };
    const { definitions: held, topics } = await heldBack(transaction);
    return commands.flatMap((command): readonly Outgoing[] => {
      try {
        const message = commandMessage(definition, state, command, envelope);
        const withheld = held.has(definition.name) || topics.has(message.topic);
        return [{ command, message, local: isLocal(definition, command), withheld }];
      } catch (error) {
        if (!(error instanceof SagaError && error.code === 'personal_erased')) throw error;
        const { sagaId } = state;
        logger.warn({ definition: definition.name, sagaId, step: command.step }, error.message);
        return [];
      }
    });
  }

  /** Reads what the definition declares. A definition without personal data has nothing to read. */
  async function personalOf(
    transaction: SqlTransaction,
    { name, personal: schema }: SagaDefinition,
    { sagaId }: Present,
  ): Promise<unknown> {
    if (schema === undefined) return undefined;
    const read = await options.personal?.(transaction, sagaId, name);
    return isErased(read) ? read : schema.parse(read);
  }

  /**
   * Gives the partition of a message to the timers that the message does not change. `saveSaga`
   * gives it to the others.
   */
  async function adopt(
    transaction: SqlTransaction,
    { partition }: Incoming,
    before: SagaState,
    after: SagaState,
    now: number,
  ): Promise<void> {
    if (partition === undefined || after.status === 'absent' || after.partition !== undefined) return;
    if (keepsTimers(before, after)) await adoptTimers(transaction, { state: after, partition, now });
  }

  function log(before: SagaState, after: Present): void {
    const { definition, sagaId, status } = after;
    if (needsAttention(after) && !needsAttention(before))
      logger.warn({ definition, sagaId, status }, 'saga needs attention');
    if (isLive(before) && !isLive(after)) logger.info({ definition, sagaId, status }, 'saga ended');
  }
}

/** A command on its way. */
interface Outgoing {
  readonly command: CommandToSend;
  readonly message: OutboxMessage;
  /** The service decides it in the same transaction. */
  readonly local: boolean;
  /** It is not sent, because an operator holds it back. Its timer sends it later. */
  readonly withheld: boolean;
}

function timerOf(timer: TimerChange, outgoing: readonly Outgoing[]): SavedTimer {
  const found = outgoing.find(
    ({ command: { role, step } }) => role === timer.role && step === timer.step && timer.change === 'set',
  );
  return found === undefined ? timer : { ...timer, topic: found.message.topic, withheld: found.withheld };
}

/** Returns true if the saga has a timer after an input that it had before. */
function keepsTimers(before: SagaState, after: Present): boolean {
  if (before.status === 'absent') return false;
  const tokens = new Set(awaited(before).map(({ exchange }) => tokenOf(exchange)));
  return (
    awaited(after).some(({ exchange }) => tokens.has(tokenOf(exchange))) ||
    openWaits(after).some(({ name }) => before.waits?.[name]?.status === 'open') ||
    (after.status === 'running' && after.deadline !== undefined)
  );
}

/**
 * Returns the start of a saga that started locally, once its start message arrives from the log. It
 * is reported then, so that it is reported once and only after the commit.
 */
function startedLocallyWith(state: SagaState, input: SagaInput): SagaChanged | undefined {
  if (input.type !== 'start' || state.status === 'absent' || state.partition !== undefined) return undefined;
  const { messageId } = input;
  const isTheOne =
    state.messageId === messageId ||
    Object.values(state.steps).some(({ causationId }) => causationId === messageId);
  return isTheOne ? { before: { status: 'absent' }, after: state } : undefined;
}

function addDecision(
  report: InputReport,
  { commands }: SagaDecision,
  { correlationId, status }: Present,
): void {
  report.correlationId = correlationId;
  report.status = status;
  report.sent = commands.map(({ role, step }) => (role === 'step' ? step : `${role} ${step}`));
}

/**
 * Returns the version that the instance was started with; for a new instance, the version that new
 * instances start with. Throws `BlockedError` for a live instance of a version that is not
 * registered. Returns undefined only for an ended instance of a version that has been retired
 * since.
 */
function definitionFor(definitions: Definitions, name: string, state: SagaState): SagaDefinition | undefined {
  if (state.status === 'absent') return definitions.starting(name);
  const pinned = definitions.version(name, state.version);
  if (pinned === undefined && isLive(state)) throw needsVersion(name, state.sagaId, state.version);
  return pinned;
}

/** One input for one saga. */
export interface Incoming {
  readonly name: string;
  readonly sagaId: string;
  /** The id of the message, or of the unanswered command whose timer fired. */
  readonly causationId: string;
  readonly trace: TraceContext;
  /** The partition of the message or timer. Undefined for a local start. */
  readonly partition?: number;
  /** The message's type, or `timer` and its step. Used in reports. */
  readonly what: string;
  /**
   * Returns the input as this version of the definition sees it. `at` is the moment at which the
   * saga takes it.
   */
  toInput(definition: SagaDefinition, at: string): SagaInput;
}

/**
 * The report on `tracing:millrace.saga.input`: one saga takes one input, inside its transaction.
 */
interface InputReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  /** The message's type, or `timer` and its step. */
  readonly what: string;
  /**
   * Set once the saga has decided, like the fields below. Missing if there was nothing to decide.
   */
  correlationId?: string;
  status?: string;
  /**
   * The steps whose commands were sent, as `compensation STEP` or `closing STEP` while the saga is
   * compensated.
   */
  sent?: readonly string[];
}

/**
 * The report on `tracing:millrace.saga.timer`: a timer fires in its owner's transaction. The trace
 * is that of the input that set the timer.
 */
interface TimerReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  readonly role: string;
  readonly step: string;
}

const inputs = tracingChannel<unknown, InputReport>('millrace.saga.input');
const timers = tracingChannel<unknown, TimerReport>('millrace.saga.timer');

function reportInput<Result>(
  { name, sagaId, what, trace }: Incoming,
  work: (report: InputReport) => Promise<Result>,
): Promise<Result> {
  const report: InputReport = { definition: name, sagaId, what, ...trace };
  return inputs.hasSubscribers ? inputs.tracePromise(work, report, undefined, report) : work(report);
}

export function reportTimer(
  { definition, saga_id: sagaId, role, step, traceparent, tracestate }: FoundTimer,
  work: (trace: TraceContext) => Promise<void>,
): Promise<void> {
  const trace = traceContextOf({
    traceparent: traceparent ?? undefined,
    tracestate: tracestate ?? undefined,
  });
  const report: TimerReport = { definition, sagaId, role, step, ...trace };
  const traced = () => work(traceOf(report));
  return timers.hasSubscribers ? timers.tracePromise(traced, report) : traced();
}
