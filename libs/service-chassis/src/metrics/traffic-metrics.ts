import type { FetchedReport, SentReport } from '@millrace/streaming-core/client';
import { Counter, Histogram, type Registry } from 'prom-client';
import { listen } from './listen.ts';

/** Label of OpenTelemetry's messaging conventions, in Prometheus' spelling. */
const destination = 'messaging_destination_name';

/**
 * What goes to the log and comes from it, by the names of OpenTelemetry's messaging conventions where they have one; these count no bytes. Several
 * services may share a test process: each knows its own by their client ids. Returns the way to stop listening.
 */
export function observeTraffic(registry: Registry, clientIds: ReadonlySet<string>): () => void {
  const registers = [registry];
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: [destination] as const, registers });
  const sent = counter('messaging_client_sent_messages_total', 'Messages that the log has acknowledged');
  const sentBytes = counter('messaging_client_sent_bytes_total', 'Bytes of their keys, values and headers');
  const consumed = counter(
    'messaging_client_consumed_messages_total',
    'Messages that were read from the log, copies included',
  );
  const consumedBytes = counter(
    'messaging_client_consumed_bytes_total',
    'Bytes of their keys, values and headers',
  );
  const operations = new Histogram({
    name: 'messaging_client_operation_duration_seconds',
    help: 'From a request to the log until its answer; one observation for each topic of a request',
    labelNames: ['messaging_operation_name', destination, 'error_type'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return listen({
    'millrace.client.sent': ({ clientId, topic, records, bytes, durationMs, error }: SentReport) => {
      if (!clientIds.has(clientId)) return;
      const labels = {
        messaging_operation_name: 'send',
        [destination]: topic,
        ...(error !== undefined && { error_type: error }),
      };
      operations.observe(labels, durationMs / 1_000);
      if (error !== undefined) return;
      sent.inc({ [destination]: topic }, records);
      sentBytes.inc({ [destination]: topic }, bytes);
    },
    'millrace.client.fetched': ({ clientId, topic, records, bytes }: FetchedReport) => {
      if (!clientIds.has(clientId)) return;
      consumed.inc({ [destination]: topic }, records);
      consumedBytes.inc({ [destination]: topic }, bytes);
    },
  });
}
