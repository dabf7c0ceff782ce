import { wasAsked, wasDone, type Asked, type TransactionAsked } from './promise-book.ts';

export interface CrashPoint {
  /** The number of changes made to the disk before the crash. */
  readonly at: number;
  /**
   * Whether only what was synced has surely survived. After a crash of the process alone, everything
   * that was written has.
   */
  readonly powerLost: boolean;
  /** Whether each transaction that ended after the crash was committed. */
  readonly ended?: ReadonlyMap<TransactionAsked, boolean>;
  /**
   * Whether the disk is full. A transaction whose end was acknowledged may then not have its
   * markers in every log yet.
   */
  readonly endsMayWait?: boolean;
}

/** Whether readers of committed records must, may or must not see a record. */
export type Fate = 'promised' | 'possible' | 'never';

export function outcomeOf(transaction: TransactionAsked, { at, ended }: CrashPoint): Fate {
  const later = ended?.get(transaction);
  if (later !== undefined) return later ? 'promised' : 'never';
  const { end } = transaction;
  if (end === undefined || !end.committed || !wasAsked(end, at)) return 'never';
  return wasDone(end, at) ? 'promised' : 'possible';
}

export function fateOf(asked: Asked & { readonly transaction?: TransactionAsked }, point: CrashPoint): Fate {
  const isDone = wasDone(asked, point.at);
  if (asked.transaction === undefined) return isDone ? 'promised' : 'possible';
  const outcome = outcomeOf(asked.transaction, point);
  return outcome === 'promised' && !isDone ? 'possible' : outcome;
}
