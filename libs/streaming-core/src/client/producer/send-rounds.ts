import { type Clock, type DurationMs, withDeadline } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import type { EncodedRecord } from './record-encoding.ts';
import { QueuedLoad, type SendLoad, type SendQueueLimits } from './send-limits.ts';
import type { RecordMetadata } from '../types.ts';

export interface RoundLimits extends SendQueueLimits {
  readonly requestBytesMax: number;
  readonly requestRecordsMax: number;
}

/** A `send` that has not settled yet. */
export interface WaitingSend {
  readonly records: readonly EncodedRecord[];
  readonly load: SendLoad;
  readonly resolve: (written: readonly RecordMetadata[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Rounds {
  /** Settles every given send. Never rejects. */
  deliver(sends: readonly WaitingSend[]): Promise<void>;
  /** Returns true if the send may share a round with the sends before it. */
  joins(send: WaitingSend): boolean;
}

/**
 * Delivers sends in the order of the calls, one round at a time. Sends that arrive during a round
 * share the next one if they fit into a single request. Under load a request therefore has many
 * sends, and without load no send waits for another.
 */
export class SendRounds {
  readonly #limits: RoundLimits;
  readonly #rounds: Rounds;
  readonly #queued: QueuedLoad;
  #waiting: WaitingSend[] = [];
  #running: Promise<void> | undefined;

  constructor(limits: RoundLimits, rounds: Rounds) {
    this.#limits = limits;
    this.#rounds = rounds;
    this.#queued = new QueuedLoad(limits);
  }

  add(records: readonly EncodedRecord[]): Promise<readonly RecordMetadata[]> {
    const load = {
      records: records.length,
      bytes: records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
    this.#queued.admit(load);
    const written = new Promise<readonly RecordMetadata[]>((resolve, reject) =>
      this.#waiting.push({ records, load, resolve, reject }),
    );
    this.#running ??= this.#run();
    return written.finally(() => this.#queued.release(load));
  }

  /** Resolves once every send has settled. Rejects with `timeout` at the limit. */
  async drain(clock: Clock, limitMs: DurationMs): Promise<void> {
    const late = () =>
      new ClientError('timeout', `${this.#queued.records} records were still queued after ${limitMs} ms`);
    await withDeadline(clock, limitMs, this.#running ?? Promise.resolve(), late);
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // sends of the same tick share the first round
    while (this.#waiting.length > 0) await this.#rounds.deliver(this.#take());
    this.#running = undefined;
  }

  /** Removes the first waiting send, with the next ones that fit into the same request. */
  #take(): readonly WaitingSend[] {
    const { requestBytesMax, requestRecordsMax } = this.#limits;
    let count = 0;
    let records = 0;
    let bytes = 0;
    for (const send of this.#waiting) {
      records += send.load.records;
      bytes += send.load.bytes;
      if (count > 0 && (records > requestRecordsMax || bytes > requestBytesMax || !this.#rounds.joins(send)))
        break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
