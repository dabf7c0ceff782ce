import type { ClientError } from '../errors/client-error.ts';
import type { RecordMetadata } from '../producer-types.ts';
import type { TopicPartition } from '../topic-partition.ts';

export type WriteResult = RecordMetadata | ClientError;

/** Records of a call that were written one after the other. */
interface WrittenRun extends TopicPartition {
  /** The places of the records in their call. */
  readonly indexes: readonly number[];
  /** The offset of the first one, or -1 if the broker does not tell. */
  readonly baseOffset: bigint;
}

const ignore = (): void => undefined;

/** The records of one call of a producer, from the call until each of them has its result. */
export class PendingSend {
  /** Resolves once every record has its result. Never rejects. */
  readonly settled: Promise<void>;
  /** Called one time, when every record has its result, before `settled` resolves. */
  onSettled: (send: PendingSend) => void = ignore;
  /** True once the records have partitions. */
  isPlaced = false;
  /** 1 for each record that has its result. */
  readonly #known: Uint8Array;
  readonly #written: WrittenRun[] = [];
  readonly #failed: { readonly index: number; readonly error: ClientError }[] = [];
  readonly #onResult: ((index: number, result: WriteResult) => void) | undefined;
  #left: number;
  #hasEnded = false;
  #end: () => void = ignore;

  constructor(records: number, onResult?: (index: number, result: WriteResult) => void) {
    this.#known = new Uint8Array(records);
    this.#onResult = onResult;
    this.#left = records;
    this.settled = new Promise((resolve) => (this.#end = resolve));
  }

  /** The number of records without a result. */
  get left(): number {
    return this.#left;
  }

  /** Gives records their offsets. The first result of a record counts. */
  written(run: WrittenRun): void {
    this.#written.push(run);
    const { indexes } = run;
    for (let place = 0; place < indexes.length; place += 1) {
      const index = indexes[place] as number;
      if (this.#take(index)) this.#onResult?.(index, metadataOf(run, place));
    }
    this.#endIfSettled();
  }

  /** Fails records. The first result of a record counts. */
  failed(indexes: Iterable<number>, error: ClientError): void {
    for (const index of indexes) {
      if (!this.#take(index)) continue;
      this.#failed.push({ index, error });
      this.#onResult?.(index, error);
    }
    this.#endIfSettled();
  }

  /** Fails every record that has no result yet. */
  fail(error: ClientError): void {
    this.failed(this.#known.keys(), error);
  }

  /** The errors of the records that have failed so far. */
  get errors(): readonly ClientError[] {
    return this.#inOrder().map(({ error }) => error);
  }

  /** Returns the results, or throws the error of the first record that failed. */
  outcome(): readonly RecordMetadata[] {
    const [failure] = this.#inOrder();
    if (failure !== undefined) throw failure.error;
    const results = new Array<RecordMetadata>(this.#known.length);
    for (const run of this.#written)
      for (let place = 0; place < run.indexes.length; place += 1)
        results[run.indexes[place] as number] = metadataOf(run, place);
    return results;
  }

  /** Notes that a record has its result. Returns false if it had one already. */
  #take(index: number): boolean {
    if (this.#known[index] === 1) return false;
    this.#known[index] = 1;
    this.#left -= 1;
    return true;
  }

  #endIfSettled(): void {
    if (this.#left > 0 || this.#hasEnded) return;
    this.#hasEnded = true;
    this.onSettled(this);
    this.#end();
  }

  #inOrder() {
    return this.#failed.toSorted((one, other) => one.index - other.index);
  }
}

const metadataOf = ({ topic, partition, baseOffset }: WrittenRun, place: number): RecordMetadata => ({
  topic,
  partition,
  offset: baseOffset < 0n ? baseOffset : baseOffset + BigInt(place),
});
