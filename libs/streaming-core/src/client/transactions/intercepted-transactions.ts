import type { Logger } from '../../runtime/index.ts';
import { refuseSend } from '../producer/send-arguments.ts';
import { ProducerInterceptors, type ProducerInterceptor } from '../producer/producer-interceptors.ts';
import type { TransactionalProducer } from '../types.ts';
import { withSends } from './with-sends.ts';

/** Returns the producer with these interceptors around the sends of its transactions. */
export function interceptedTransactions(
  producer: TransactionalProducer,
  interceptors: readonly ProducerInterceptor[],
  logger: Logger,
): TransactionalProducer {
  if (interceptors.length === 0) return producer;
  const chain = new ProducerInterceptors(interceptors, logger);
  return withSends(producer, (transaction) => async (records) => {
    refuseSend(records);
    const sent = chain.onSend(records);
    return chain.observe(sent, async (onResult) => {
      const written = await transaction.send(sent);
      written.forEach((result, index) => onResult(index, result));
      return written;
    });
  });
}
