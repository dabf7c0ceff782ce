/**
 * A topology as data, which both `build-program.ts` and `Program.java` build: calls of the DSL in
 * order. Keys and values are texts. The functions that a call is given follow from its name.
 */
export type Program = readonly Call[];

export type Call = Placed<SourceCall> | Placed<StreamCall> | Placed<TableCall> | Placed<JoinCall>;

export type Placed<C> = C & {
  /** The result of the call. Names of topics and stores end in it. */
  readonly id: number;
  /** The results of earlier calls that it is made on. */
  readonly on: readonly number[];
  /** Gives its processor, branches, grouping or repartition topic the name `n` and its id. */
  readonly isNamed: boolean;
};

/** Absent: the table is stored only if it must be. `anonymous` has a generated name. */
export type Store = 'anonymous' | 'named' | 'uncached' | 'unlogged';

export type How = 'inner' | 'left' | 'outer';

export type Aggregation = 'count' | 'reduce' | 'aggregate';

export type SourceCall =
  | { readonly op: 'stream'; readonly topics: readonly string[] }
  | { readonly op: 'table'; readonly topic: string; readonly store?: Store | undefined }
  | { readonly op: 'globalTable'; readonly topic: string; readonly store?: Store | undefined };

/** Windows of an aggregation. Sessions have a gap, the others a size. */
export interface Windows {
  readonly kind: 'time' | 'sliding' | 'session';
  readonly spanMs: number;
  /** Less than the size if the windows hop. */
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly emits: 'updates' | 'when_closed';
  /** How many results may wait in a `suppress` until their window closes. 0: any number. */
  readonly suppressedMax?: number | undefined;
}

export const statelessOps = [
  'filter',
  'filterNot',
  'mapValues',
  'flatMapValues',
  'map',
  'flatMap',
  'selectKey',
  'peek',
  'withOrigin',
] as const;
export type StatelessOp = (typeof statelessOps)[number];

export type Branch = 'even' | 'empty' | 'rest';

export type StreamCall =
  | { readonly op: StatelessOp }
  | { readonly op: 'merge' | 'to' | 'groupByKey' | 'groupBy' }
  | { readonly op: 'withLast' }
  | { readonly op: 'summedUp'; readonly clock: 'stream_time' | 'wall_clock' }
  /** Goes on with one of three branches. The others are written to topics. */
  | { readonly op: 'split'; readonly branch: Branch }
  | { readonly op: 'repartition'; readonly partitionCount?: number | undefined }
  | { readonly op: 'toTable'; readonly store?: Store | undefined }
  | {
      readonly op: 'aggregate';
      readonly aggregation: Aggregation;
      readonly windows?: Windows | undefined;
      readonly store?: Store | undefined;
    }
  | { readonly op: 'cogroup'; readonly windows?: Windows | undefined; readonly store?: Store | undefined };

export type TableCall =
  | {
      readonly op: 'filterRows' | 'filterNotRows' | 'mapRows' | 'transformRows';
      readonly store?: Store | undefined;
    }
  | { readonly op: 'suppressRows'; readonly waitMs: number; readonly recordsMax: number }
  | { readonly op: 'groupRows' | 'rowsToStream' | 'filterWindows' | 'windowsToStream' }
  | {
      readonly op: 'aggregateRows';
      readonly aggregation: Aggregation;
      readonly store?: Store | undefined;
    };

export interface JoinSpans {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}

export type JoinCall =
  | {
      readonly op: 'joinStreams';
      readonly how: How;
      readonly spans: JoinSpans;
      readonly storeIsNamed: boolean;
    }
  | { readonly op: 'joinTable' | 'joinGlobalTable'; readonly how: 'inner' | 'left' }
  | { readonly op: 'joinTables'; readonly how: How; readonly store?: Store | undefined }
  | {
      readonly op: 'joinForeign';
      readonly how: 'inner' | 'left';
      readonly store?: Store | undefined;
    };

/** The topics that the program reads. */
export const topicsOf = (program: Program): readonly string[] => [
  ...new Set(
    program.flatMap((call) =>
      call.op === 'stream'
        ? call.topics
        : call.op === 'table' || call.op === 'globalTable'
          ? [call.topic]
          : [],
    ),
  ),
];
