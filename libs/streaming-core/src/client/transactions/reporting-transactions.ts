import { reportSend, type ReportingClient } from '../operation-reports.ts';
import type { TransactionalProducer } from '../types.ts';
import { withSends } from './with-sends.ts';

/** Returns the producer with a report of each send on `tracing:millrace.client.send`. */
export const reportingTransactions = (
  client: ReportingClient,
  producer: TransactionalProducer,
): TransactionalProducer =>
  withSends(
    producer,
    (transaction) => (records) => reportSend(client, records, (sent) => transaction.send(sent)),
  );
