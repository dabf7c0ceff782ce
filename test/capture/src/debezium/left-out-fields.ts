/** A field that differs for a reason, so that it is not compared. */
export interface LeftOutField {
  readonly field: string;
  /** Only of the rows of a snapshot. */
  readonly ofSnapshot?: true;
  readonly why: string;
}

const whenRead = 'when the connector made the record';
const momentOfSnapshot = 'each connector takes a snapshot of its own, at a moment of its own';

/** All that is allowed to differ. What is not in this list is compared: topics, keys, headers, schemas and values. */
export const leftOutFields: readonly LeftOutField[] = [
  { field: 'ts_ms', why: whenRead },
  { field: 'ts_us', why: whenRead },
  { field: 'ts_ns', why: whenRead },
  { field: 'source.ts_ms', ofSnapshot: true, why: momentOfSnapshot },
  { field: 'source.ts_us', ofSnapshot: true, why: momentOfSnapshot },
  { field: 'source.ts_ns', ofSnapshot: true, why: momentOfSnapshot },
  { field: 'source.lsn', ofSnapshot: true, why: momentOfSnapshot },
  { field: 'source.sequence', ofSnapshot: true, why: momentOfSnapshot },
  { field: 'source.txId', ofSnapshot: true, why: momentOfSnapshot },
];

/** Columns of the table `value` in which Debezium does not write the exact number. */
export const roundedFields: ReadonlyArray<{
  readonly field: string;
  readonly why: string;
  readonly areEqual: (here: number, there: number) => boolean;
}> = [
  {
    field: 'after.f4',
    why: 'of some values of real, Java 17 writes a digit more than the shortest (JDK-4511638): compared as float32',
    areEqual: (here, there) => Math.fround(here) === Math.fround(there),
  },
  {
    field: 'after.iv',
    why: 'Debezium counts intervals with floating point, which may cut off a microsecond',
    areEqual: (here, there) => Math.abs(here - there) <= 1,
  },
];
