import { resumeTrace } from '../../contract/index.ts';
import { type Clock, setNewest } from '../../runtime/index.ts';
import { appendRows } from '../outbox/append.ts';
import type { OutboxRow } from '../outbox/outbox-row.ts';
import type { SqlDatabase, SqlTransaction } from '../../postgres/index.ts';
import { FencedError, TerminalError, isInfrastructureError } from './consumer-error.ts';
import { deadLetter } from './dead-letter.ts';
import type { Decoded } from './decode.ts';
import { nameOf, openBatch, type InboxMessage, type Batch, type Batches } from './open-batch.ts';
import { writeParking, type ParkingLimits } from './parked-store.ts';
import { reportProcessing } from './process-trace.ts';
import { guardSkipped } from './skipped.ts';
import type { LockStreams, SkipGuard } from './message-handler.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { ConsumerLimits } from './limits.ts';

interface Admitted {
  readonly atMs: number;
  /** A record is admitted again when its batch is retried. */
  readonly record: string;
}

/**
 * Admits one copy of a message per interval. Memory is bounded: once a message is forgotten, its
 * next copy may be admitted early. A copy is never refused because of other messages.
 */
export class DuplicateRate {
  readonly #clock: Clock;
  readonly #limits: Pick<ConsumerLimits, 'duplicateEveryMs' | 'duplicatesMax'>;
  /** The last admission of each message, in the order of admission. */
  readonly #admitted = new Map<string, Admitted>();

  constructor(clock: Clock, limits: Pick<ConsumerLimits, 'duplicateEveryMs' | 'duplicatesMax'>) {
    this.#clock = clock;
    this.#limits = limits;
  }

  admits(copy: InboxMessage & TopicPartition & { readonly offset: bigint }): boolean {
    const name = nameOf(copy);
    const record = `${copy.topic}/${copy.partition}/${copy.offset}`;
    const atMs = this.#clock.monotonic();
    const last = this.#admitted.get(name);
    if (last !== undefined && last.record !== record && atMs - last.atMs < this.#limits.duplicateEveryMs)
      return false;
    setNewest(this.#admitted, name, { atMs, record }, this.#limits.duplicatesMax);
    return true;
  }
}

export interface BatchEnvironment {
  readonly database: SqlDatabase;
  readonly lockStreams?: LockStreams;
  readonly skipGuards?: readonly SkipGuard[];
  readonly clock: Clock;
  readonly newId: () => string;
  readonly duplicates: DuplicateRate;
  readonly limits: ParkingLimits;
}

interface BatchResult {
  readonly handled: number;
  readonly duplicates: number;
  readonly dead: number;
  /** Messages without effect, because their personal data was erased. */
  readonly erased: number;
  /**
   * The time between the lock of the offsets and the last write before COMMIT. In a shared
   * transaction each batch has a share in proportion to its messages.
   */
  readonly handlingMs: number;
}

export interface CommittedBatch {
  readonly result: BatchResult;
  /** The messages that handlers received, without copies. */
  readonly handled: readonly ToHandle[];
}

type ToHandle = Extract<Decoded, { kind: 'handle' }>;

/** The batch failed because of one of its messages. `cause` is the error of the handler. */
export class MessageFailure extends Error {
  override readonly name = 'MessageFailure';
  override readonly cause: Error;

  constructor(cause: unknown) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    super(error.message);
    this.cause = error;
  }
}

type Step = 'offset' | 'locks' | 'parking' | 'handlers' | 'dead letters' | 'commit';

/** Steps whose failure is the fault of a message, unless the infrastructure failed. */
const ownSteps: readonly Step[] = ['locks', 'handlers', 'commit'];

/**
 * Commits the batches of one or several partitions in one transaction. Its steps are offsets and
 * inbox, stream locks, parked messages, the handlers in order, dead letters, and then everything
 * that they have collected, with one statement of each kind. Locks are taken in the same order in
 * every batch and in every other transaction of a partition's owner, so that two transactions never
 * deadlock. Rejects with `FencedError`, `MessageFailure`, or the error of the infrastructure.
 */
export const commitBatches = (
  environment: BatchEnvironment,
  batches: Batches,
): Promise<readonly CommittedBatch[]> =>
  reportProcessing(batches, (reported) => commitReported(environment, reported));

async function commitReported(
  environment: BatchEnvironment,
  batches: Batches,
): Promise<readonly CommittedBatch[]> {
  let step: Step = 'offset';
  try {
    return await environment.database.transaction((transaction) =>
      runBatches(environment, batches, transaction, (next) => (step = next)),
    );
  } catch (error) {
    if (error instanceof FencedError) throw error;
    if (error instanceof TerminalError || (ownSteps.includes(step) && !isInfrastructureError(error)))
      throw new MessageFailure(error);
    throw error;
  }
}

async function runBatches(
  environment: BatchEnvironment,
  batches: Batches,
  transaction: SqlTransaction,
  enter: (step: Step) => void,
): Promise<readonly CommittedBatch[]> {
  const { clock, lockStreams, skipGuards } = environment;
  const messages = batches.flatMap(messagesOf);
  // All three are sent before any answer arrives. Some of the locked streams may belong to copies,
  // which does no harm.
  const opening = openBatch(
    transaction,
    batches,
    messages.map(({ context }) => context),
  );
  const locking = lockAll(transaction, messages, lockStreams);
  const guarding = guardSkipped(transaction, batches, skipGuards);
  await Promise.allSettled([opening, locking, guarding]);
  const fresh = await opening;
  await guarding;
  const repeated = repeatedIn(messages, fresh, environment.duplicates);
  const startedAt = clock.monotonic();
  enter('locks');
  await locking;
  enter('parking');
  await writeParking(transaction, batches, environment.limits);
  enter('handlers');
  await transaction.lastUnitOfWork(async () => {
    for (const { handler, message, context } of messages)
      if (fresh.has(context))
        await resumeTrace(context, () => handler.handle(message, { ...context, transaction }));
      else if (repeated.has(context))
        await resumeTrace(context, async () =>
          handler.handleDuplicate?.(message, { ...context, transaction }),
        );
    enter('dead letters');
    await appendRows(
      transaction,
      batches.flatMap((batch) => deadLettersOf(environment, batch)),
    );
    enter('commit');
  });
  const handlingMs = clock.monotonic() - startedAt;
  const items = batches.reduce((sum, batch) => sum + batch.items.length, 0);
  return batches.map((batch) => {
    const own = messagesOf(batch);
    const handled = own.filter(({ context }) => fresh.has(context));
    const duplicates = own.length - handled.length;
    const share = items === 0 ? 0 : batch.items.length / items;
    return {
      result: {
        handled: handled.length,
        duplicates,
        dead: deadOf(batch).length,
        erased: batch.items.filter(({ kind }) => kind === 'erased').length,
        handlingMs: handlingMs * share,
      },
      handled,
    };
  });
}

/**
 * Finds copies of messages that earlier batches have handled. Copies of messages that these batches
 * handle are not included.
 */
function repeatedIn(
  messages: readonly ToHandle[],
  fresh: ReadonlySet<InboxMessage>,
  rate: DuplicateRate,
): ReadonlySet<InboxMessage> {
  const copies = messages
    .filter(({ handler, context }) => handler.handleDuplicate !== undefined && !fresh.has(context))
    .map(({ context }) => context);
  if (copies.length === 0) return new Set();
  const beingHandled = new Set([...fresh].map(nameOf));
  return new Set(copies.filter((copy) => !beingHandled.has(nameOf(copy)) && rate.admits(copy)));
}

async function lockAll(
  transaction: SqlTransaction,
  messages: readonly ToHandle[],
  lockStreams: LockStreams | undefined,
): Promise<void> {
  const streams = streamsOf(messages);
  if (streams.length > 0) await lockStreams?.(transaction, streams);
}

const messagesOf = ({ items }: Batch): readonly ToHandle[] => items.filter((item) => item.kind === 'handle');

const deadOf = ({ items }: Batch) => items.filter((item) => item.kind === 'dead');

const deadLettersOf = ({ newId, clock }: BatchEnvironment, batch: Batch): readonly OutboxRow[] =>
  deadOf(batch).map(({ record, error, attempts }) =>
    deadLetter(record, error, attempts, { id: newId(), group: batch.row.group, nowMs: clock.now() }),
  );

/** Sorts by bytes, as collation "C" does. */
function streamsOf(messages: readonly ToHandle[]): readonly string[] {
  const streams = new Set(
    messages.flatMap(({ handler, message, context }) => [...(handler.locks?.(message, context) ?? [])]),
  );
  return [...streams].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}
