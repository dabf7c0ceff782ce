import type { DurationMs } from '../../runtime/index.ts';
import { type SqlRow, type SqlTransaction } from '../../postgres/index.ts';
import { callWorker, type CallRow, type ExternalCallMetadata } from './external-call.ts';

export interface CallToInsert {
  readonly kind: string;
  readonly key: string;
  /** JSON, like the metadata. */
  readonly payload: string;
  readonly metadata: string;
}

export type InsertedCall = SqlRow & Pick<CallRow, 'id' | 'kind' | 'key' | 'attempts' | 'created_at'>;

/** Slots of a worker that are kept free for calls that a transaction inserts. */
interface ReservedSlots {
  readonly count: number;
  /** The lease of the calls. */
  readonly leaseMs: DurationMs;
  /** Frees the slots and makes the calls. Call this once the transaction has ended. */
  use(calls: readonly CallRow[]): void;
}

/** A worker that makes calls as soon as their transaction has committed, without a claim. */
export interface ReservingWorker {
  /** Returns undefined if the worker has no free slot or does not run. */
  reserve(calls: number): ReservedSlots | undefined;
}

/**
 * Decides which calls are claimed when they are inserted, because this process has a worker with
 * free slots for them. The worker gets them after the commit. For the other calls, the workers of
 * all processes are woken. If the process dies or the answer to COMMIT is lost, a claimed call
 * waits for the end of its lease.
 */
export function claimOnInsert(
  transaction: SqlTransaction,
  calls: readonly CallToInsert[],
): {
  readonly leases: readonly (DurationMs | null)[];
  readonly inserted: (rows: readonly InsertedCall[]) => void;
} {
  const leases = new Map<CallToInsert, DurationMs>();
  const claimed: CallRow[] = [];
  for (const kind of new Set(calls.map((call) => call.kind))) {
    const wanted = calls.filter((call) => call.kind === kind);
    const slots = reserve(transaction, kind, wanted.length, claimed);
    if (slots === undefined || slots.count < wanted.length) transaction.wakeAfterCommit(callWorker(kind));
    for (const call of wanted.slice(0, slots?.count ?? 0)) leases.set(call, slots?.leaseMs ?? 0);
  }
  return {
    leases: calls.map((call) => leases.get(call) ?? null),
    inserted: (rows) => void claimed.push(...rows.flatMap((row) => toClaimed(row, calls))),
  };
}

function reserve(
  transaction: SqlTransaction,
  kind: string,
  calls: number,
  claimed: readonly CallRow[],
): ReservedSlots | undefined {
  const worker = transaction.localWorker(callWorker(kind));
  if (worker === undefined || !('reserve' in worker)) return undefined;
  const slots = (worker as ReservingWorker).reserve(calls);
  transaction.onEnd((committed) => slots?.use(committed ? claimed.filter((call) => call.kind === kind) : []));
  return slots;
}

function toClaimed(row: InsertedCall, calls: readonly CallToInsert[]): readonly CallRow[] {
  const call = calls.find(({ kind, key }) => kind === row.kind && key === row.key);
  if (row.attempts === 0 || call === undefined) return [];
  const metadata = JSON.parse(call.metadata) as ExternalCallMetadata;
  return [{ ...row, payload: JSON.parse(call.payload) as unknown, metadata }];
}
