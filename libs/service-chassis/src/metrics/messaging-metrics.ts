import type { Relay, RelayStatus } from '@millrace/streaming-core/outbox';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { listen } from './listen.ts';
import { presentGauge } from './present-gauge.ts';

export interface MessagingSources {
  /** Absent in a process that does not relay. */
  readonly relay?: Pick<Relay, 'status'>;
  /** Consumer group of this service: several services may share a test process. */
  readonly group: string;
  readonly ownedPartitions: () => number;
  readonly refusedPartitions: () => number;
}

interface BatchReport {
  readonly group: string;
  readonly topic: string;
  readonly durationMs: number;
  readonly handled: number;
  readonly duplicates: number;
  readonly dead: number;
  /** Of each message handled. */
  readonly endToEndMs: readonly number[];
}

interface FailureReport {
  readonly group: string;
  readonly topic?: string;
}

interface DeadLetterReport extends FailureReport {
  /** Code or name of the error: one of few. */
  readonly reason: string;
}

/** Relay and consumer as Prometheus sees them; the libraries report on `node:diagnostics_channel`. Returns the way to stop listening. */
export function observeMessaging(registry: Registry, { relay, group, ownedPartitions, refusedPartitions }: MessagingSources): () => void {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames: ['topic'] as const, registers });
  const handled = counter('millrace_consumer_messages_handled_total', 'Messages whose effects were committed');
  const duplicates = counter('millrace_consumer_messages_duplicate_total', 'Messages that the inbox knew already');
  const dead = new Counter({
    name: 'millrace_consumer_dead_letters_total',
    help: 'Messages that were given up',
    labelNames: ['topic', 'reason'] as const,
    registers,
  });
  const retries = counter('millrace_consumer_failures_total', 'Failed attempts, each of which is retried');
  const batches = new Histogram({
    name: 'millrace_consumer_batch_duration_seconds',
    help: 'One transaction: offset, inbox, locks, handlers',
    labelNames: ['topic'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const endToEnd = new Histogram({
    name: 'millrace_end_to_end_duration_seconds',
    help: 'From the time of a message (ce_time) until its effects are committed',
    labelNames: ['topic'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  presentGauge(registry, 'millrace_consumer_partitions_owned', 'Partitions assigned to this process', ownedPartitions);
  const refusedHelp = 'Of these, the ones whose stored offset fits no log: they stand still';
  presentGauge(registry, 'millrace_consumer_partitions_refused', refusedHelp, refusedPartitions);
  if (relay !== undefined) observeRelay(registry, relay);
  return listen({
    'millrace.consumer.batch': (report: BatchReport) => {
      if (report.group !== group) return;
      handled.inc({ topic: report.topic }, report.handled);
      duplicates.inc({ topic: report.topic }, report.duplicates);
      batches.observe({ topic: report.topic }, report.durationMs / 1_000);
      for (const spanMs of report.endToEndMs) endToEnd.observe({ topic: report.topic }, spanMs / 1_000);
    },
    'millrace.consumer.dead-letter': (report: DeadLetterReport) => {
      if (report.group === group) dead.inc({ topic: report.topic ?? 'none', reason: report.reason });
    },
    'millrace.consumer.failed': (report: FailureReport) => {
      if (report.group === group) retries.inc({ topic: report.topic ?? 'none' });
    },
  });
}

/** Asked for once at each scrape, by all of them together; a database that is away leaves the last figures. */
function observeRelay(registry: Registry, relay: Pick<Relay, 'status'>): void {
  let asked: Promise<RelayStatus | undefined> | undefined;
  const askOnce = () => {
    const asking = relay.status().catch(() => undefined);
    void asking.then(() => (asked = undefined));
    return asking;
  };
  const gauge = (name: string, help: string, show: (gauge: Gauge, status: RelayStatus) => void, labelNames: readonly string[] = []) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const status = await (asked ??= askOnce());
        if (status !== undefined) show(this, status);
      },
    });
  gauge(
    'millrace_relay_oldest_unpublished_age_seconds',
    'Age of the oldest outbox row that is not known to be published; 0 when there is none',
    (age, { oldestUnpublishedAgeMs }) => age.set((oldestUnpublishedAgeMs ?? 0) / 1_000),
  );
  gauge('millrace_relay_publishing', '1 while this process holds the lease', (flag, { publishing }) => flag.set(publishing ? 1 : 0));
  gauge('millrace_relay_position', 'Outbox position up to which everything is published', (place, { position }) =>
    place.set(Number(position)),
  );
  gauge(
    'millrace_relay_blocker_age_seconds',
    'At a hole in the outbox: age of the transaction that the relay waits for; absent without a hole',
    showBlocker,
    ['pid', 'application'],
  );
}

function showBlocker(age: Gauge, { hole }: RelayStatus): void {
  age.reset();
  const blocker = hole?.blocker;
  if (blocker !== undefined) age.set({ pid: String(blocker.pid ?? 'prepared'), application: blocker.name }, blocker.ageMs / 1_000);
}
