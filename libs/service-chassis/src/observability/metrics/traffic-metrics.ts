import type { FetchedReport, SentReport } from '@millrace/streaming-core/client';
import { Counter, Histogram, type Registry } from 'prom-client';
import { listen } from './listen.ts';

/** A label of OpenTelemetry's messaging conventions, in Prometheus' spelling. */
const destination = 'messaging_destination_name';

/**
 * Counts the messages to and from the log. Names follow OpenTelemetry's messaging conventions where
 * those define one; they define none for bytes. Several services may share a test process, so each
 * recognises its own clients by their ids. Returns a function that stops listening.
 */
export function observeTraffic(registry: Registry, clientIds: ReadonlySet<string>): () => void {
  const registers = [registry];
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: [destination] as const, registers });
  const sent = counter(
    'messaging_client_sent_messages_total',
    'Messages that the log has acknowledged, by topic',
  );
  const sentBytes = counter(
    'messaging_client_sent_bytes_total',
    'Bytes of the keys, values and headers of sent messages before compression, by topic',
  );
  const consumed = counter(
    'messaging_client_consumed_messages_total',
    'Messages read from the log, including duplicates, by topic',
  );
  const consumedBytes = counter(
    'messaging_client_consumed_bytes_total',
    'Bytes of the keys, values and headers of consumed messages after decompression, by topic',
  );
  const operations = new Histogram({
    name: 'messaging_client_operation_duration_seconds',
    help:
      'Time from a request to a broker until its answer, by operation (send), topic and, for a ' +
      'request that failed, error. Each topic of a request is one observation',
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
