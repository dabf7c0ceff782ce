import type { Clock, DurationMs } from '../../runtime/index.ts';
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
class QueuedLoad {
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

interface BufferSettings extends SendQueueLimits {
  readonly clock: Clock;
  readonly maxBlockMs: DurationMs;
}

interface Waiting {
  readonly load: SendLoad;
  admit(): void;
  fail(error: ClientError): void;
}

/** How many calls may wait for room. More are rejected, because their records are in memory too. */
const waitingMax = 1_000;

/** The room for records that are not acknowledged yet. Calls that wait get it in their order. */
export class SendBuffer {
  readonly #settings: BufferSettings;
  readonly #load: QueuedLoad;
  readonly #waiting: Waiting[] = [];

  constructor(settings: BufferSettings) {
    this.#settings = settings;
    this.#load = new QueuedLoad(settings);
  }

  get records(): number {
    return this.#load.records;
  }

  /** True while a call waits for room. */
  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Returns undefined if there is room now, or a promise that rejects with `queue_full` after
   * `maxBlockMs`. Throws `queue_full` if waiting cannot help.
   */
  reserve(load: SendLoad): Promise<void> | undefined {
    const { maxBlockMs, clock } = this.#settings;
    if (this.#waiting.length === 0 && this.#load.fits(load)) return void this.#load.admit(load);
    const fitsAlone = new QueuedLoad(this.#settings).fits(load);
    if (maxBlockMs === 0 || !fitsAlone || this.#waiting.length >= waitingMax) throw this.#load.full(load);
    return new Promise((resolve, reject) => {
      const cancel = clock.after(maxBlockMs, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(
          new ClientError('queue_full', `the buffer of the producer had no room within ${maxBlockMs} ms`),
        );
        this.#admitNext();
      });
      const waiting: Waiting = {
        load,
        admit: () => (cancel(), resolve()),
        fail: (error) => (cancel(), reject(error)),
      };
      this.#waiting.push(waiting);
    });
  }

  release(load: SendLoad): void {
    this.#load.release(load);
    this.#admitNext();
  }

  /** Fails every call that waits. */
  close(error: ClientError): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }

  #admitNext(): void {
    for (let next = this.#waiting[0]; next && this.#load.fits(next.load); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#load.admit(next.load);
      next.admit();
    }
  }
}
