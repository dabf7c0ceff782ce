import type { PartitionStatus } from '@millrace/streaming-core/consumer';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { FetchedReport, SentReport } from '@millrace/streaming-core/client';
import { listen } from './metrics.ts';
import { token } from '../../ground/provide.ts';

/** A label of OpenTelemetry's messaging conventions, in Prometheus' spelling. */
const destination = 'messaging_destination_name';

/**
 * Counts the messages to and from the log. Names follow OpenTelemetry's messaging conventions where
 * those define one; they define none for bytes. Several services may share a test process, so each
 * recognises its own clients by their ids. Returns a function that stops listening.
 */
function observeTraffic(registry: Registry, clientIds: ReadonlySet<string>): () => void {
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

/** A consumer group that this process may be a member of. */
interface ObservedGroup {
  readonly group: string;
  /** Returns the partitions that this process owns now. */
  readonly partitions: () => readonly PartitionStatus[];
}

/**
 * Prometheus metrics of consumers and traffic. Several services may share a test process, so each
 * declares which reports are its own.
 */
export interface MessagingMetrics {
  observeGroup(observed: ObservedGroup): void;
  /** Counts the messages that are sent and read under this client id. */
  observeClient(clientId: string): void;
  stop(): void;
}

export const MESSAGING_METRICS = token<MessagingMetrics>('MessagingMetrics');

interface Report {
  readonly group: string;
  readonly topic?: string;
}

interface BatchReport extends Report {
  readonly durationMs: number;
  readonly handled: number;
  readonly duplicates: number;
  readonly erased: number;
  /** The end-to-end duration of each handled message. */
  readonly endToEndMs: readonly number[];
}

interface DeadLetterReport extends Report {
  /** Code or name of the error. There are few of them. */
  readonly reason: string;
}

const labelNames = ['group', 'topic'] as const;

export function createMessagingMetrics(registry: Registry): MessagingMetrics {
  const groups = new Map<string, ObservedGroup>();
  const clientIds = new Set<string>();
  const stops = [observeReports(registry, groups), observeTraffic(registry, clientIds)];
  partitionGauges(registry, groups);
  return {
    observeGroup: (observed) => void groups.set(observed.group, observed),
    observeClient: (clientId) => void clientIds.add(clientId),
    stop: () => stops.forEach((stop) => stop()),
  };
}

/** Counts the reports of the libraries on `node:diagnostics_channel`. */
function observeReports(registry: Registry, groups: ReadonlyMap<string, ObservedGroup>): () => void {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const handled = counter(
    'millrace_consumer_messages_handled_total',
    'Messages whose effects were committed, by group and topic',
  );
  const duplicates = counter(
    'millrace_consumer_messages_duplicate_total',
    'Messages that were already in the inbox, by group and topic',
  );
  const erased = counter(
    'millrace_messages_erased_total',
    'Messages without effect, because their personal data was erased, by group and topic',
  );
  const failures = counter(
    'millrace_consumer_failures_total',
    'Failed attempts to handle messages, by group and topic. Each is retried',
  );
  const deadHelp =
    'Messages that this process has sent to a dead-letter topic, by group, topic and reason, which ' +
    'is a code such as malformed or the name of the error';
  const dead = new Counter({
    name: 'millrace_consumer_dead_letters_total',
    help: deadHelp,
    labelNames: [...labelNames, 'reason'] as const,
    registers,
  });
  const batches = new Histogram({
    name: 'millrace_consumer_batch_duration_seconds',
    help: 'Duration of one transaction (offset, inbox, locks, handlers), by group and topic',
    labelNames,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const endToEnd = new Histogram({
    name: 'millrace_end_to_end_duration_seconds',
    help:
      'Time from the ce_time of a message, or else the time of its record, until its effects are ' +
      'committed, by group and topic. It compares the clocks of both machines',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const ours =
    <Kind extends Report>(take: (report: Kind, labels: { group: string; topic: string }) => void) =>
    (report: Kind) =>
      void (groups.has(report.group) && take(report, { group: report.group, topic: report.topic ?? 'none' }));
  return listen({
    'millrace.consumer.batch': ours<BatchReport>((report, labels) => {
      handled.inc(labels, report.handled);
      duplicates.inc(labels, report.duplicates);
      erased.inc(labels, report.erased);
      batches.observe(labels, report.durationMs / 1_000);
      for (const spanMs of report.endToEndMs) endToEnd.observe(labels, spanMs / 1_000);
    }),
    'millrace.consumer.dead-letter': ours<DeadLetterReport>(({ reason }, labels) =>
      dead.inc({ ...labels, reason }),
    ),
    'millrace.consumer.failed': ours((_report, labels) => failures.inc(labels)),
  });
}

function partitionGauges(registry: Registry, groups: ReadonlyMap<string, ObservedGroup>): void {
  const gauge = (name: string, help: string, counts: (partition: PartitionStatus) => boolean) =>
    new Gauge({
      name,
      help,
      labelNames: ['group'] as const,
      registers: [registry],
      collect() {
        for (const { group, partitions } of groups.values())
          this.set({ group }, partitions().filter(counts).length);
      },
    });
  gauge('millrace_consumer_partitions_owned', 'Partitions assigned to this process, by group', () => true);
  const refusedHelp =
    'Owned partitions whose stored offset does not match the log, by group. They read nothing until ' +
    'an operator acts';
  gauge('millrace_consumer_partitions_refused', refusedHelp, ({ state }) => state === 'refused');
  const roomHelp = 'Owned partitions that wait for room to park another message, by group';
  gauge('millrace_consumer_partitions_without_room', roomHelp, ({ parking }) => parking?.full === true);
  const blockedHelp =
    'Owned partitions whose next message this process cannot handle, through no fault of the ' +
    'message, by group. Another process has to handle it';
  gauge('millrace_consumer_partitions_blocked', blockedHelp, ({ state }) => state === 'blocked');
}
