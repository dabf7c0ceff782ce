/** The rows that have come since the previous event. */
export interface RowBatch<Row> {
  /**
   * The name of the tail. Another name means that the tail began again, and that rows in between
   * may be missing.
   */
  readonly tail: string;
  readonly rows: readonly Row[];
  /** The number of matching rows that were dropped because there were too many. */
  readonly dropped: number;
  readonly scanned: number;
}
