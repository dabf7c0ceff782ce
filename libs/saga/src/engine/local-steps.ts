import { TerminalError } from '@millrace/streaming-core/consumer';
import { traceOf } from '@millrace/streaming-core/contract';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import { type SqlTransaction } from '@millrace/streaming-core/postgres';
import { hasLocalPivot, sagaStream } from '../definition/definition.ts';
import { SagaError, isWithoutKeys } from '../errors.ts';
import type { Definitions } from './definitions.ts';
import type { Incoming, SagaChanged, TakeInput } from './take-input.ts';
import type { SagaEngineOptions } from './options.ts';
import type { Present } from '../decision/state.ts';

/**
 * The number of transactions of a local step that may fail before its saga needs attention. If
 * another message of the batch fails, up to two of them are spent before each message is tried
 * alone. While the keys of personal data are unreachable, no failure counts.
 */
const attemptsMax = 3;

/** The number of sagas whose attempts are remembered. */
const rememberedMax = 1_000;

export interface LocalSteps {
  /**
   * Takes the input of a message. If the saga then waits for a local command, decides it and takes
   * its reply, all in the same transaction.
   */
  readonly take: TakeInput;
  /** Does the same for a timer. If the step fails, the timer fails too and is postponed. */
  readonly takeAgain: TakeInput;
  /** Call this once the transaction of a message has committed. */
  settled(saga: Present): void;
}

/**
 * Decides the commands of local pivots where the engine would otherwise send them.
 *
 * A local step that throws does not make the reply before it a dead letter, because that reply is
 * not at fault: its transaction is retried. After several failures, the saga takes the reply and
 * reports that it needs attention, and the timer of the step tries again.
 */
export function localSteps(
  { local }: Pick<SagaEngineOptions, 'local'>,
  definitions: Definitions,
  takeOne: TakeInput,
): LocalSteps {
  if (local === undefined) refuseLocalPivots(definitions);
  const attempts = new Map<string, number>();

  async function take(transaction: SqlTransaction, incoming: Incoming): Promise<SagaChanged | undefined> {
    const change = await takeOne(transaction, incoming);
    if (change?.local === undefined) return change;
    const stream = sagaStream(incoming.name, incoming.sagaId);
    const attempt = (attempts.get(stream) ?? 0) + 1;
    remember(stream, attempt);
    transaction.onEnd((_committed, error) => {
      if (isWithoutKeys(error) && attempts.has(stream)) remember(stream, attempt - 1);
    });
    if (attempt <= attemptsMax) return decide(transaction, incoming, change, change.local);
    const failed = await takeOne(transaction, failure(incoming, change.local));
    return { ...change, after: failed?.after ?? change.after };
  }

  async function takeAgain(
    transaction: SqlTransaction,
    incoming: Incoming,
  ): Promise<SagaChanged | undefined> {
    const change = await takeOne(transaction, incoming);
    return change?.local === undefined ? change : decide(transaction, incoming, change, change.local);
  }

  async function decide(
    transaction: SqlTransaction,
    incoming: Incoming,
    change: SagaChanged,
    command: OutboxMessage,
  ): Promise<SagaChanged> {
    const written = await local!(transaction, command, incoming.name).catch((error: unknown) => {
      throw error instanceof TerminalError ? failedStep(incoming, command, 'was rejected', error) : error;
    });
    const reply = written.find((message) => isReply(incoming, command, message));
    if (reply === undefined) throw failedStep(incoming, command, 'has no reply');
    const replied = await take(transaction, replyOf(incoming, reply));
    return { ...change, after: replied?.after ?? change.after };
  }

  function isReply(
    { name }: Incoming,
    command: OutboxMessage,
    { topic, message, attributes }: OutboxMessage,
  ) {
    return (
      attributes.causationId === command.attributes.id &&
      definitions.messages.some(
        ({ declaration, names }) =>
          declaration.type === message.type && declaration.topic.name === topic && names.includes(name),
      )
    );
  }

  function remember(stream: string, attempt: number): void {
    attempts.delete(stream);
    attempts.set(stream, attempt);
    const [oldest] = attempts.keys();
    if (attempts.size > rememberedMax && oldest !== undefined) attempts.delete(oldest);
  }

  return {
    take,
    takeAgain,
    settled: ({ definition, sagaId }) => void attempts.delete(sagaStream(definition, sagaId)),
  };
}

const replyOf = (incoming: Incoming, { message, attributes }: OutboxMessage): Incoming => ({
  ...incoming,
  causationId: attributes.id,
  trace: traceOf(attributes),
  what: message.type,
  toInput: (_definition, at) => ({
    type: 'reply',
    message,
    messageId: attributes.id,
    causationId: attributes.causationId,
    at,
  }),
});

const failure = (incoming: Incoming, { message, attributes }: OutboxMessage): Incoming => ({
  ...incoming,
  what: `failed ${message.type}`,
  toInput: (_definition, at) => ({ type: 'failed', commandId: attributes.id, at }),
});

const failedStep = (
  { name, sagaId }: Incoming,
  { message }: OutboxMessage,
  what: string,
  cause?: Error,
): SagaError =>
  new SagaError('local_step_failed', `saga ${name} ${sagaId}: ${message.type} ${what}`, { cause });

function refuseLocalPivots({ versions }: Definitions): void {
  const found = versions.find(hasLocalPivot);
  if (found !== undefined)
    throw new SagaError(
      'invalid_definition',
      `saga ${found.name}: version ${found.version} has a local pivot: give the engine the option local`,
    );
}
