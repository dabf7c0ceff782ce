export type ChartName = 'messages' | 'ended' | 'lag' | 'lagSeconds' | 'outbox' | 'deadLetters';

/** One line of a chart. */
export interface SeriesName {
  readonly chart: ChartName;
  readonly name: string;
}

/** What was seen at one moment. */
export interface ChartPoint {
  /** In milliseconds since 1970. */
  readonly atMs: number;
  /** In the order of the series. Null where a value was not known; series that came later are missing. */
  readonly values: ReadonlyArray<number | null>;
}

/** What the page `Charts` is sent: at first all points that the console remembers, then the new ones. */
export interface ChartBatch {
  readonly isFirst: boolean;
  readonly series: readonly SeriesName[];
  readonly points: readonly ChartPoint[];
}
