import type { Logger } from '../../runtime/index.ts';
import { toClientError, type ClientError } from '../client-error.ts';
import { throughInterceptors } from '../interceptor-chain.ts';
import type { BatchingProducer, ProducerRecord, RecordMetadata } from '../types.ts';
import { withCalls, type ObservedProducer } from './observed-producer.ts';
import type { WriteResult } from './pending-send.ts';
import { refusePost, refuseSend } from './send-arguments.ts';

/** Sees each record of a producer before it is sent, and its result. */
export interface ProducerInterceptor {
  /** Called before the record is validated. Returns the record to send. */
  onSend?(record: ProducerRecord): ProducerRecord;
  /** Called with the place of a record that was acknowledged, or with its error. */
  onAcknowledgement?(result: RecordMetadata | ClientError, record: ProducerRecord): void;
}

/** The interceptors of one producer, in the order in which they are called. */
export class ProducerInterceptors {
  readonly #interceptors: readonly ProducerInterceptor[];
  readonly #logger: Logger;

  constructor(interceptors: readonly ProducerInterceptor[], logger: Logger) {
    this.#interceptors = interceptors;
    this.#logger = logger;
  }

  /** Returns copies, so that no two records of a call are the same object. */
  onSend(records: readonly ProducerRecord[]): readonly ProducerRecord[] {
    return records.map((record) => ({
      ...throughInterceptors(this.#interceptors, this.#logger, record, (one, given) =>
        one.onSend ? one.onSend(given) : given,
      ),
    }));
  }

  onResult(record: ProducerRecord, result: WriteResult): void {
    throughInterceptors(this.#interceptors, this.#logger, undefined, (one) =>
      one.onAcknowledgement?.(result, record),
    );
  }

  /**
   * Reports the result of each record. If the call fails, a record without a result gets its error.
   */
  async observe<Result>(
    records: readonly ProducerRecord[],
    send: (onResult: (index: number, result: WriteResult) => void) => Promise<Result>,
  ): Promise<Result> {
    const open = new Set(records.keys());
    const settle = (index: number, result: WriteResult) => {
      if (open.delete(index)) this.onResult(records[index]!, result);
    };
    try {
      return await send(settle);
    } catch (error) {
      for (const index of open) settle(index, toClientError(error, 'sending records'));
      throw error;
    }
  }
}

/** Returns the producer with these interceptors around its calls. */
export function interceptedProducer(
  producer: ObservedProducer,
  interceptors: readonly ProducerInterceptor[],
  logger: Logger,
): BatchingProducer {
  if (interceptors.length === 0) return producer;
  const chain = new ProducerInterceptors(interceptors, logger);
  return withCalls(producer, {
    send: async (records, options) => {
      refuseSend(records, options);
      const sent = chain.onSend(records);
      return chain.observe(sent, (onResult) => producer.send(sent, { ...options, onResult }));
    },
    post(records, onDelivered) {
      refusePost(records, onDelivered);
      const sent = chain.onSend(records);
      const indexes = new Map(sent.map((record, index) => [record, index]));
      producer.post(sent, (error, written, record) => {
        chain.onResult(record, error ?? written!);
        onDelivered?.(error, written, records[indexes.get(record)!]!);
      });
    },
  });
}
