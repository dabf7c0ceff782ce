import { reportSend, type ReportingClient } from '../operation-reports.ts';
import type { Transaction, TransactionalProducer } from '../types.ts';

/** Returns the producer with a report of each send on `tracing:millrace.client.send`. */
export function reportingTransactions(
  client: ReportingClient,
  producer: TransactionalProducer,
): TransactionalProducer {
  const reporting = (transaction: Transaction): Transaction => ({
    send: (records) => reportSend(client, records, (sent) => transaction.send(sent)),
    sendOffsets: (owner, offsets) => transaction.sendOffsets(owner, offsets),
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  });
  return {
    open: () => producer.open(),
    begin: async () => reporting(await producer.begin()),
    transaction: (work) => producer.transaction((transaction) => work(reporting(transaction))),
    close: () => producer.close(),
  };
}
