import type { BatchingProducer, ProducerRecord, RecordMetadata, SendOptions } from '../types.ts';
import type { WriteResult } from './pending-send.ts';

export interface ObservedSendOptions extends SendOptions {
  /** Called once for each record of the call. */
  readonly onResult?: (index: number, result: WriteResult) => void;
}

/** A producer that reports the result of each record of a call. */
export interface ObservedProducer extends BatchingProducer {
  send(records: readonly ProducerRecord[], options?: ObservedSendOptions): Promise<readonly RecordMetadata[]>;
}

/** Returns the producer with other functions to send records. */
export const withCalls = (
  producer: ObservedProducer,
  calls: Pick<ObservedProducer, 'send' | 'post'>,
): ObservedProducer => ({
  ...calls,
  get undelivered() {
    return producer.undelivered;
  },
  flush: () => producer.flush(),
  close: () => producer.close(),
  [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
});
