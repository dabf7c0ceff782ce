import type { RowBatch } from '../api/row-batch.ts';
import { count, many } from './words.ts';

/** The number of rows that a page keeps. */
export const keptMax = 5_000;

/** The rows of a live tail, the newest first. */
export interface Tailed<Row> {
  readonly rows: readonly Row[];
  readonly scanned: number;
  readonly dropped: number;
  /** The number of rows that came while the tail was paused. */
  readonly missed: number;
  /** How often the tail has begun. Rows between two tails are not shown. */
  readonly begun: number;
  readonly tail: string | undefined;
}

export const nothingTailed: Tailed<never> = {
  rows: [],
  scanned: 0,
  dropped: 0,
  missed: 0,
  begun: 0,
  tail: undefined,
};

export function tailedMore<Row>(before: Tailed<Row>, batch: RowBatch<Row>, isPaused: boolean): Tailed<Row> {
  const isNew = before.tail !== batch.tail;
  return {
    rows: isPaused ? before.rows : [...[...batch.rows].reverse(), ...before.rows].slice(0, keptMax),
    scanned: before.scanned + batch.scanned,
    dropped: before.dropped + (isPaused ? 0 : batch.dropped),
    missed: before.missed + (isPaused ? batch.rows.length + batch.dropped : 0),
    begun: before.begun + (isNew ? 1 : 0),
    tail: batch.tail,
  };
}

/** Describes the rows that came. `what` is the name of one row, such as `record`. */
export const tailSentence = (
  { rows, scanned, dropped, missed, begun }: Tailed<unknown>,
  what: string,
): string =>
  [
    `${many(scanned, what)} came, ${count(rows.length)} shown.`,
    dropped === 0 ? '' : `${count(dropped)} dropped: more than 200 came in a second.`,
    missed === 0 ? '' : `${count(missed)} came while it was paused.`,
    begun <= 1 ? '' : `It began again ${many(begun - 1, 'time')}; what came between is not shown.`,
  ]
    .filter(Boolean)
    .join(' ');
