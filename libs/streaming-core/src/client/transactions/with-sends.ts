import type { Transaction, TransactionalProducer } from '../types.ts';

/** Returns the producer with another `send` in each of its transactions. */
export function withSends(
  producer: TransactionalProducer,
  sendOf: (transaction: Transaction) => Transaction['send'],
): TransactionalProducer {
  const replaced = (transaction: Transaction): Transaction => ({
    send: sendOf(transaction),
    sendOffsets: (owner, offsets) => transaction.sendOffsets(owner, offsets),
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  });
  return {
    open: () => producer.open(),
    begin: async () => replaced(await producer.begin()),
    transaction: (work) => producer.transaction((transaction) => work(replaced(transaction))),
    close: () => producer.close(),
  };
}
