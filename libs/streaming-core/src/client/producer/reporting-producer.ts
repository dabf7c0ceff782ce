import { reportPost, reportSend, type ReportingClient } from '../operation-reports.ts';
import { refusePost } from './send-arguments.ts';
import type { ObservedProducer } from './producer-interceptors.ts';

/** Returns the producer with a report of each call on `tracing:millrace.client.send`. */
export const reportingProducer = (client: ReportingClient, producer: ObservedProducer): ObservedProducer => ({
  send: (records, options) => reportSend(client, records, (sent) => producer.send(sent, options)),
  post: (records, onDelivered) => {
    refusePost(records, onDelivered);
    reportPost(client, records, onDelivered, (sent, callback) => producer.post(sent, callback));
  },
  get undelivered() {
    return producer.undelivered;
  },
  flush: () => producer.flush(),
  close: () => producer.close(),
  [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
});
