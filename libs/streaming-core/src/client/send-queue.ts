import { type Clock, type DurationMs, withDeadline } from '../contract/index.ts';
import { ClientError } from './client-error.ts';

export interface SendQueueLimits {
  readonly queueRecordsMax: number;
  readonly queueBytesMax: number;
}

interface Load {
  readonly records: number;
  readonly bytes: number;
}

/** Runs tasks one after the other, in the order they came, and refuses what would pile up beyond the limits. */
export class SendQueue {
  readonly #limits: SendQueueLimits;
  #records = 0;
  #bytes = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(limits: SendQueueLimits) {
    this.#limits = limits;
  }

  run<Result>(load: Load, task: () => Promise<Result>): Promise<Result> {
    this.#admit(load);
    const result = this.#tail.then(task).finally(() => {
      this.#records -= load.records;
      this.#bytes -= load.bytes;
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves once what was queued until now has ended; rejects with `timeout` at the limit. */
  async drain(clock: Clock, limitMs: DurationMs): Promise<void> {
    const late = () => new ClientError('timeout', `${this.#records} records were still queued after ${limitMs} ms`);
    await withDeadline(clock, limitMs, this.#tail, late);
  }

  #admit({ records, bytes }: Load): void {
    const { queueRecordsMax, queueBytesMax } = this.#limits;
    if (this.#records + records > queueRecordsMax || this.#bytes + bytes > queueBytesMax)
      throw new ClientError(
        'queue_full',
        `${this.#records} records of ${this.#bytes} bytes are queued: ${records} more of ${bytes} bytes pass the limit of ${queueRecordsMax} records, ${queueBytesMax} bytes. Wait for earlier sends`,
      );
    this.#records += records;
    this.#bytes += bytes;
  }
}
