import { ClientError } from '../client-error.ts';
import type { RecordMetadata } from '../types.ts';

export type WriteResult = RecordMetadata | ClientError;

/** The records of one call of a producer, from the call until each of them has its result. */
export class PendingSend {
  /** Resolves once every record has its result. Never rejects. */
  readonly settled: Promise<void>;
  /** Called once every record has its result, before `settled` resolves. */
  onSettled: () => void = () => undefined;
  /** True once the records have partitions. */
  isPlaced = false;
  readonly #results: (WriteResult | undefined)[];
  readonly #onResult: ((index: number, result: WriteResult) => void) | undefined;
  #left: number;
  #end: () => void = () => undefined;

  constructor(records: number, onResult?: (index: number, result: WriteResult) => void) {
    this.#results = new Array<WriteResult | undefined>(records).fill(undefined);
    this.#onResult = onResult;
    this.#left = records;
    this.settled = new Promise((resolve) => (this.#end = resolve));
  }

  /** The number of records without a result. */
  get left(): number {
    return this.#left;
  }

  /** Sets the result of a record. The first result counts. */
  settle(index: number, result: WriteResult): void {
    if (this.#results[index] !== undefined) return;
    this.#results[index] = result;
    this.#left -= 1;
    this.#onResult?.(index, result);
    if (this.#left > 0) return;
    this.onSettled();
    this.#end();
  }

  /** Fails every record that has no result yet. */
  fail(error: ClientError): void {
    for (let index = 0; index < this.#results.length; index += 1) this.settle(index, error);
  }

  /** The errors of the records that have failed so far. */
  get errors(): readonly ClientError[] {
    return this.#results.filter((result) => result instanceof ClientError);
  }

  /** Returns the results, or throws the error of the first record that failed. */
  outcome(): readonly RecordMetadata[] {
    const failure = this.#results.find((result) => result instanceof ClientError);
    if (failure) throw failure;
    return this.#results as readonly RecordMetadata[];
  }
}
