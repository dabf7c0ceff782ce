import { reportPost, reportSend, type ReportingClient } from '../operation-reports.ts';
import type { BatchingProducer } from '../types.ts';

/** Returns the producer with a report of each call on `tracing:millrace.client.send`. */
export const reportingProducer = (client: ReportingClient, producer: BatchingProducer): BatchingProducer => ({
  send: (records, options) => reportSend(client, records, (sent) => producer.send(sent, options)),
  post: (records, onDelivered) =>
    reportPost(client, records, onDelivered, (sent, callback) => producer.post(sent, callback)),
  get undelivered() {
    return producer.undelivered;
  },
  flush: () => producer.flush(),
  close: () => producer.close(),
  [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
});
