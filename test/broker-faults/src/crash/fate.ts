import { wasAsked, wasDone, type Asked, type TransactionAsked } from './promise-book.ts';

export interface CrashPoint {
  /** How many changes of the disk had been made. */
  readonly at: number;
  /** Everything that was synced is there, and perhaps more; otherwise everything that was written is. */
  readonly powerLost: boolean;
  /** Transactions that were ended after the crash: whether they were committed. */
  readonly ended?: ReadonlyMap<TransactionAsked, boolean>;
  /** The disk is full: the end of a transaction may have been acknowledged and not be in every log yet. */
  readonly endsMayWait?: boolean;
}

/** Whether readers of committed records have to see it, may see it, or must not. */
export type Fate = 'promised' | 'possible' | 'never';

export function outcomeOf(transaction: TransactionAsked, { at, ended }: CrashPoint): Fate {
  const later = ended?.get(transaction);
  if (later !== undefined) return later ? 'promised' : 'never';
  const { end } = transaction;
  if (end === undefined || !end.committed || !wasAsked(end, at)) return 'never';
  return wasDone(end, at) ? 'promised' : 'possible';
}

/** Of something that was asked for before the crash. */
export function fateOf(asked: Asked & { readonly transaction?: TransactionAsked }, point: CrashPoint): Fate {
  const isDone = wasDone(asked, point.at);
  if (asked.transaction === undefined) return isDone ? 'promised' : 'possible';
  const outcome = outcomeOf(asked.transaction, point);
  return outcome === 'promised' && !isDone ? 'possible' : outcome;
}
