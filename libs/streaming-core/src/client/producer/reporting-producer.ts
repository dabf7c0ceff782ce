import { reportPost, reportSend, type ReportingClient } from '../operation-reports.ts';
import { withCalls, type ObservedProducer } from './observed-producer.ts';
import { refusePost } from './send-arguments.ts';

/** Returns the producer with a report of each call on `tracing:millrace.client.send`. */
export const reportingProducer = (client: ReportingClient, producer: ObservedProducer): ObservedProducer =>
  withCalls(producer, {
    send: (records, options) => reportSend(client, records, (sent) => producer.send(sent, options)),
    post(records, onDelivered) {
      refusePost(records, onDelivered);
      reportPost(client, records, onDelivered, (sent, callback) => producer.post(sent, callback));
    },
  });
