import { ClientError } from '../errors/client-error.ts';

export interface SendQueueLimits {
  readonly queueRecordsMax: number;
  readonly bufferBytesMax: number;
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

  fits({ records, bytes }: SendLoad): boolean {
    const { queueRecordsMax, bufferBytesMax } = this.#limits;
    return this.#records + records <= queueRecordsMax && this.#bytes + bytes <= bufferBytesMax;
  }

  admit(load: SendLoad): void {
    if (!this.fits(load)) throw this.full(load);
    this.#records += load.records;
    this.#bytes += load.bytes;
  }

  /** Returns the error for a load that does not fit. */
  full({ records, bytes }: SendLoad): ClientError {
    const { queueRecordsMax, bufferBytesMax } = this.#limits;
    return new ClientError(
      'queue_full',
      `${this.#records} records of ${this.#bytes} bytes are queued: ` +
        `${records} more of ${bytes} bytes would exceed the limit of ${queueRecordsMax} records and ` +
        `${bufferBytesMax} bytes. Wait for earlier sends`,
    );
  }

  release({ records, bytes }: SendLoad): void {
    this.#records -= records;
    this.#bytes -= bytes;
  }
}
