import type { Hex } from '../scripts/script.ts';

/** A record as it was written, to an output topic, a changelog or a repartition topic. */
export interface WrittenRecord {
  readonly key: Hex | null;
  readonly value: Hex | null;
  readonly headers: ReadonlyArray<readonly [name: string, value: Hex | null]>;
  readonly timestampMs: number;
}

export type RecordsByTopic = Readonly<Record<string, readonly WrittenRecord[]>>;

/** The results of one step of a script. */
export interface Outcome {
  readonly records: RecordsByTopic;
  /** The total of dropped records so far. Absent if the step threw an error. */
  readonly dropped?: number;
  /** The error that ended the script. */
  readonly error?: string;
}
