export type ChartName = 'messages' | 'ended' | 'lag' | 'lagSeconds' | 'outbox' | 'deadLetters';

/** One line of a chart. */
export interface SeriesName {
  readonly chart: ChartName;
  readonly name: string;
}

/** The values of all series at one moment. */
export interface ChartPoint {
  /** Unix time in milliseconds. */
  readonly atMs: number;
  /**
   * The values in the order of the series. Null stands for an unknown value. Series that were added
   * later are missing.
   */
  readonly values: ReadonlyArray<number | null>;
}

/**
 * An update of the page `Charts`: at first all points that the console remembers, then the new
 * ones.
 */
export interface ChartBatch {
  readonly isFirst: boolean;
  readonly series: readonly SeriesName[];
  readonly points: readonly ChartPoint[];
}
