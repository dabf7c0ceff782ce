import { Observable } from 'rxjs';
import type { Consumer } from './consumer/managed/consumer-types.ts';
import type { FetchedRecord } from './types.ts';

/**
 * Emits the records of a consumer. Each subscription runs a loop over the consumer, so there may
 * be one at a time. Unsubscribing leaves the loop and does not close the consumer.
 *
 * An Observable has no back-pressure: a record counts as finished when the subscriber's `next` has
 * returned. For asynchronous work connect the consumer with `autoCommit: false`, and commit each
 * record after its work. The records that wait for `concatMap` are then outside of
 * `maxBufferedBytes`.
 */
export function consumerRecords$(consumer: Consumer): Observable<FetchedRecord> {
  return new Observable((subscriber) => {
    const records = consumer[Symbol.asyncIterator]();
    const emit = async () => {
      for (let next = await records.next(); !next.done; next = await records.next())
        subscriber.next(next.value);
      subscriber.complete();
    };
    emit().catch((error: unknown) => subscriber.error(error));
    return () => void records.return?.();
  });
}
