import type { Logger } from '../../../runtime/index.ts';
import { throughInterceptors } from '../../interceptor-chain.ts';
import type { FetchedRecord, OffsetToCommit } from '../../types.ts';

/** Sees the records of a consumer before its loop does, and the offsets that were committed. */
export interface ConsumerInterceptor {
  /** Gets records of one partition. Returns the records to deliver, in their order. */
  onConsume?(records: readonly FetchedRecord[]): readonly FetchedRecord[];
  onCommit?(offsets: readonly OffsetToCommit[]): void;
}

/** The interceptors of one consumer, in the order in which they are called. */
export class ConsumerInterceptors {
  readonly #interceptors: readonly ConsumerInterceptor[];
  readonly #logger: Logger;

  constructor(interceptors: readonly ConsumerInterceptor[], logger: Logger) {
    this.#interceptors = interceptors;
    this.#logger = logger;
  }

  onConsume(records: readonly FetchedRecord[]): readonly FetchedRecord[] {
    return throughInterceptors(this.#interceptors, this.#logger, records, (one, given) =>
      one.onConsume ? listOf(one.onConsume(given)) : given,
    );
  }

  onCommit(offsets: readonly OffsetToCommit[]): void {
    throughInterceptors(this.#interceptors, this.#logger, undefined, (one) => one.onCommit?.(offsets));
  }
}

function listOf(records: readonly FetchedRecord[]): readonly FetchedRecord[] {
  if (Array.isArray(records)) return records;
  throw new TypeError(`onConsume returned ${typeof records}: return an array of records`);
}
