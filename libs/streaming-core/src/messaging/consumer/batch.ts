import type { OffsetMove } from './open-batch.ts';
import type { Decoded } from './decode.ts';
import type { ParkingChanges } from './parking/parked-message.ts';

/** What is done for one partition in one transaction: its way from an offset to another, and what lies between. */
export interface Batch extends OffsetMove {
  readonly items: readonly Decoded[];
  readonly parking?: ParkingChanges;
}

export type Batches = readonly [Batch, ...Batch[]];
