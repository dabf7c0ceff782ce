import type { Clock } from '../contract/index.ts';
import { recordInInbox } from '../inbox/inbox.ts';
import { appendRows } from '../outbox/append.ts';
import type { SqlDatabase, SqlTransaction } from '../postgres/index.ts';
import { FencedError, TerminalError } from './consumer-error.ts';
import { deadLetter } from './dead-letter.ts';
import type { Decoded } from './decode.ts';
import { isInfrastructureError } from './infrastructure-error.ts';
import { advance, type OffsetRow } from './offset-store.ts';
import type { LockStreams } from './types.ts';

export interface BatchEnvironment {
  readonly database: SqlDatabase;
  readonly lockStreams?: LockStreams;
  readonly clock: Clock;
  readonly newId: () => string;
}

export interface Batch {
  readonly row: OffsetRow;
  /** Where the partition stands, and where it will stand. */
  readonly from: bigint;
  readonly to: bigint;
  readonly items: readonly Decoded[];
}

export interface BatchResult {
  readonly handled: number;
  readonly duplicates: number;
  readonly dead: number;
  /** From the offset's lock to the last handler's end. */
  readonly handlingMs: number;
}

export interface CommittedBatch {
  readonly result: BatchResult;
  /** What the handlers were given: no copies. */
  readonly handled: readonly ToHandle[];
}

type ToHandle = Extract<Decoded, { kind: 'handle' }>;

/** The batch failed through a message of its own; `cause` is what the handler threw. */
export class MessageFailure extends Error {
  override readonly name = 'MessageFailure';
  override readonly cause: Error;

  constructor(cause: unknown) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    super(error.message);
    this.cause = error;
  }
}

type Step = 'offset' | 'inbox' | 'locks' | 'handlers' | 'dead letters' | 'commit';

/** Steps whose failure is a message's own, unless it is the infrastructure's. */
const ownSteps: readonly Step[] = ['locks', 'handlers', 'commit'];

/**
 * One transaction: offset, inbox, stream locks, handlers in order, dead letters. The order of the locks is the same in every batch and in
 * every other transaction of a partition's owner, so that two never deadlock. Rejects with `FencedError`, `MessageFailure`, or what the
 * infrastructure threw.
 */
export async function commitBatch(environment: BatchEnvironment, batch: Batch): Promise<CommittedBatch> {
  let step: Step = 'offset';
  try {
    return await environment.database.transaction((transaction) => runBatch(environment, batch, transaction, (next) => (step = next)));
  } catch (error) {
    if (error instanceof FencedError) throw error;
    if (error instanceof TerminalError || (ownSteps.includes(step) && !isInfrastructureError(error))) throw new MessageFailure(error);
    throw error;
  }
}

async function runBatch(
  { lockStreams, clock, newId }: BatchEnvironment,
  { row, from, to, items }: Batch,
  transaction: SqlTransaction,
  enter: (step: Step) => void,
): Promise<CommittedBatch> {
  await advance(transaction, row, from, to);
  const startedAt = clock.monotonic();
  enter('inbox');
  const messages = items.filter((item) => item.kind === 'handle');
  const fresh = await recordInInbox(
    transaction,
    row.group,
    messages.map(({ context }) => context),
  );
  const wanted = messages.filter(({ context }) => fresh.has(context));
  enter('locks');
  const streams = streamsOf(wanted);
  if (streams.length > 0) await lockStreams?.(transaction, streams);
  enter('handlers');
  for (const { handler, message, context } of wanted) await handler.handle(message, { ...context, transaction });
  const handlingMs = clock.monotonic() - startedAt;
  enter('dead letters');
  const dead = items.filter((item) => item.kind === 'dead');
  const letters = dead.map(({ record, error, attempts }) =>
    deadLetter(record, error, attempts, { id: newId(), group: row.group, nowMs: clock.now() }),
  );
  await appendRows(transaction, letters);
  enter('commit');
  const result = { handled: wanted.length, duplicates: messages.length - wanted.length, dead: dead.length, handlingMs };
  return { result, handled: wanted };
}

/** Sorted as collation "C" sorts: by bytes. */
function streamsOf(messages: readonly ToHandle[]): readonly string[] {
  const streams = new Set(messages.flatMap(({ handler, message, context }) => [...(handler.locks?.(message, context) ?? [])]));
  return [...streams].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}
