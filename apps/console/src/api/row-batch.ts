/** Rows that have come since the event before. */
export interface RowBatch<Row> {
  /** Names the tail. Another name means that it began again, and that rows may lie between. */
  readonly tail: string;
  readonly rows: readonly Row[];
  /** Rows that fit but were too many to show. */
  readonly dropped: number;
  readonly scanned: number;
}
