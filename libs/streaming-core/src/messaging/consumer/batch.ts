import type { OffsetMove } from './open-batch.ts';
import type { Decoded } from './decode.ts';
import type { ParkingChanges } from './parking/parked-message.ts';

/** The work of one transaction for one partition: a range of offsets and the records in it. */
export interface Batch extends OffsetMove {
  readonly items: readonly Decoded[];
  readonly parking?: ParkingChanges;
}

export type Batches = readonly [Batch, ...Batch[]];
