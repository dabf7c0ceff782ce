import type { Logger } from '../../runtime/index.ts';
import { refuseSend } from '../producer/send-arguments.ts';
import { ProducerInterceptors, type ProducerInterceptor } from '../producer/producer-interceptors.ts';
import type { Transaction, TransactionalProducer } from '../types.ts';

/** Returns the producer with these interceptors around the sends of its transactions. */
export function interceptedTransactions(
  producer: TransactionalProducer,
  interceptors: readonly ProducerInterceptor[],
  logger: Logger,
): TransactionalProducer {
  if (interceptors.length === 0) return producer;
  const chain = new ProducerInterceptors(interceptors, logger);
  const intercepted = (transaction: Transaction): Transaction => ({
    send: async (records) => {
      refuseSend(records);
      const sent = chain.onSend(records);
      return chain.observe(sent, async (onResult) => {
        const written = await transaction.send(sent);
        written.forEach((result, index) => onResult(index, result));
        return written;
      });
    },
    sendOffsets: (owner, offsets) => transaction.sendOffsets(owner, offsets),
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  });
  return {
    open: () => producer.open(),
    begin: async () => intercepted(await producer.begin()),
    transaction: (work) => producer.transaction((transaction) => work(intercepted(transaction))),
    close: () => producer.close(),
  };
}
