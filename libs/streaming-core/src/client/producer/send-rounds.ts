import { type Clock, type DurationMs, withDeadline } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import type { EncodedRecord } from './record-encoding.ts';
import { QueuedLoad, type SendLoad, type SendQueueLimits } from './send-limits.ts';
import type { RecordMetadata } from '../types.ts';

export interface RoundLimits extends SendQueueLimits {
  readonly requestBytesMax: number;
  readonly requestRecordsMax: number;
}

/** A `send` that waits for its end. */
export interface WaitingSend {
  readonly records: readonly EncodedRecord[];
  readonly load: SendLoad;
  readonly resolve: (written: readonly RecordMetadata[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Rounds {
  /** Settles each that it is given, and never rejects. */
  deliver(sends: readonly WaitingSend[]): Promise<void>;
  /** Only such a send goes along with those before it. */
  joins(send: WaitingSend): boolean;
}

/**
 * Sends in the order they came, one round at a time. What has come during a round goes out in the next one together, as far as a single request holds it:
 * under load a request has many sends, and without load none waits for another.
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

  /** Resolves once what was queued until now has ended; rejects with `timeout` at the limit. */
  async drain(clock: Clock, limitMs: DurationMs): Promise<void> {
    const late = () =>
      new ClientError('timeout', `${this.#queued.records} records were still queued after ${limitMs} ms`);
    await withDeadline(clock, limitMs, this.#running ?? Promise.resolve(), late);
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // those of the same moment go together
    while (this.#waiting.length > 0) await this.#rounds.deliver(this.#take());
    this.#running = undefined;
  }

  /** The first that waits, and those behind it that fit into the same request. */
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
