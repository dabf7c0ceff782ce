/** An update of a table: the value before and after. Null is no value. */
export interface Change<V> {
  readonly newValue: V | null;
  /** Null too if no node downstream asked for old values. */
  readonly oldValue: V | null;
  /** False if the update is older than what the table holds for the key. */
  readonly isLatest: boolean;
}

/** A value and the time of the record that set it, in Unix milliseconds. */
export interface ValueAndTimestamp<V> {
  readonly value: V;
  readonly timestampMs: number;
}
