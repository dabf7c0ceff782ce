import { ClientError } from '../client-error.ts';

export interface SendQueueLimits {
  readonly queueRecordsMax: number;
  readonly queueBytesMax: number;
}

export interface SendLoad {
  readonly records: number;
  readonly bytes: number;
}

/** Counts the queued records and bytes, and rejects what would exceed the limits. */
export class QueuedLoad {
  readonly #limits: SendQueueLimits;
  #records = 0;
  #bytes = 0;

  constructor(limits: SendQueueLimits) {
    this.#limits = limits;
  }

  get records(): number {
    return this.#records;
  }

  admit({ records, bytes }: SendLoad): void {
    const { queueRecordsMax, queueBytesMax } = this.#limits;
    if (this.#records + records > queueRecordsMax || this.#bytes + bytes > queueBytesMax)
      throw new ClientError(
        'queue_full',
        `${this.#records} records of ${this.#bytes} bytes are queued: ` +
          `${records} more of ${bytes} bytes would exceed the limit of ${queueRecordsMax} records and ` +
          `${queueBytesMax} bytes. Wait for earlier sends`,
      );
    this.#records += records;
    this.#bytes += bytes;
  }

  release({ records, bytes }: SendLoad): void {
    this.#records -= records;
    this.#bytes -= bytes;
  }
}
