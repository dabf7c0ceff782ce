import { createHash } from 'node:crypto';
import type { ConsumedRecord } from '../../../client/index.ts';
import { ConsumerError } from '../consumer-error.ts';

/**
 * A message to insert into `parked_message`: one that failed, or one that waits behind another of
 * its key.
 */
export interface ToPark {
  readonly record: ConsumedRecord;
  readonly digest: string;
  readonly parkedAtMs: number;
  readonly retryAtMs: number;
  readonly attemptsInPlace: number;
  /** Absent for a message that waits and has not been tried. */
  readonly error?: Error;
}

/** The first message of a parked key. */
export interface ParkedMessage {
  readonly position: string;
  readonly digest: string;
  readonly record: ConsumedRecord;
  readonly parkedAtMs: number;
  readonly attemptsInPlace: number;
  readonly retries: number;
}

interface Postponed {
  readonly message: ParkedMessage;
  readonly retryAtMs: number;
  readonly error: Error;
}

/** The changes to the parked messages of a partition that a batch makes in its transaction. */
export interface ParkingChanges {
  readonly parked?: readonly ToPark[];
  /** A message that was handled or became a dead letter. */
  readonly unparked?: ParkedMessage;
  readonly postponed?: Postponed;
}

/** True once an operator has given the message up. The time of parking is then 0 or -Infinity. */
export const isGivenUp = (parkedAtMs: number): boolean => parkedAtMs <= 0;

/** There is no room for another parked message. The transaction was rolled back. */
export class ParkingFullError extends ConsumerError {
  override readonly name = 'ParkingFullError';

  constructor(message: string) {
    super('parking_full', message);
  }
}

/** Used instead of a key where the key could be too long. */
export const digestOf = (key: Buffer | string): string => createHash('sha256').update(key).digest('base64');
