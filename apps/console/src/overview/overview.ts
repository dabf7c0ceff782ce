import type { ServiceReport } from '@millrace/operations/client';
import { checksOf } from './checks.ts';
import type { LagView, Overview, SagasView, ServiceView } from '../api/overview.ts';
import { failuresOf, faultsOf, type Failures } from './faults.ts';
import { flowsOf } from './flows.ts';
import { added, Figures, higher, type ServiceSample } from './figures.ts';

/** The answers of every process of every service at one moment. */
export interface Look {
  /** Milliseconds on a clock that never goes back. */
  readonly atMs: number;
  readonly services: readonly string[];
  readonly reports: readonly ServiceReport[];
}

/** A look with its results. The next look computes its rates from the differences. */
export interface Seen {
  readonly atMs: number;
  readonly overview: Overview;
  readonly failures: Failures;
}

/** The metrics that the overview is made from. */
export const shownMetrics = [
  'kafka_consumer_group_lag',
  'kafka_consumer_group_lag_seconds',
  'messaging_client_consumed_messages_total',
  'messaging_client_sent_messages_total',
  'millrace_consumer_failures_total',
  'millrace_dead_letters',
  'millrace_external_calls_oldest_age_seconds',
  'millrace_external_calls_pending',
  'millrace_outbox_pending',
  'millrace_parked_keys',
  'millrace_relay_oldest_unpublished_age_seconds',
  'millrace_saga_duration_seconds',
  'millrace_sagas_live',
  'millrace_sagas_need_attention',
  'millrace_sagas_started_total',
  'millrace_watch_up',
] as const;

export function overviewOf({ atMs, services, reports }: Look, before: Seen | undefined): Seen {
  const serviceOf = (process: string) => serviceNamed(process, services);
  const samples = reports.flatMap((report) => samplesOf(report, serviceOf(report.status.process)));
  const figures = new Figures(samples);
  const parkedKeys = totals(figures.by('millrace_parked_keys', ['topic'], higher));
  const liveSagas = totals(figures.by('millrace_sagas_live', ['definition', 'status'], higher));
  const failures = failuresOf(samples, before?.failures, atMs);
  const overview: Omit<Overview, 'checks'> = {
    services: services.map((service) => ({
      ...serviceView(service, reports, figures, serviceOf),
      parkedKeys: parkedKeys.get(service) ?? 0,
      liveSagas: liveSagas.get(service) ?? 0,
    })),
    flows: flowsOf(figures, before && { ...before.overview, secondsAgo: (atMs - before.atMs) / 1_000 }),
    outside: outsideOf(figures),
    lags: lagsOf(figures),
    sagas: sagasOf(figures),
    deadLetters: deadLettersOf(figures),
    faults: faultsOf(reports, samples, failures, atMs),
    unknown: reports.flatMap(({ status, samples }) =>
      typeof samples === 'string' ? [`${status.process}: ${samples}`] : [],
    ),
  };
  return { atMs, failures, overview: { ...overview, checks: checksOf(overview) } };
}

/**
 * Returns the service of a process. Processes of `order` are `order`, `order-2`, `order-worker`,
 * and `order 10.0.0.7` in a network of containers.
 */
const serviceNamed = (process: string, services: readonly string[]): string =>
  services
    .filter(
      (service) =>
        process === service || (/^[- ]/.test(process.slice(service.length)) && process.startsWith(service)),
    )
    .sort((one, other) => other.length - one.length)[0] ?? process;

const samplesOf = ({ samples }: ServiceReport, service: string): readonly ServiceSample[] =>
  typeof samples === 'string'
    ? []
    : samples.map(({ name, labels, value }) => ({ service, name, labels, value }));

/** The statuses, from good to bad. */
const statuses = ['ready', 'degraded', 'starting', 'draining', 'stopped', 'unhealthy', 'no answer'];

function serviceView(
  service: string,
  reports: readonly ServiceReport[],
  figures: Figures,
  serviceOf: (process: string) => string,
): Omit<ServiceView, 'parkedKeys' | 'liveSagas'> {
  const processes = reports
    .map(({ status }) => status)
    .filter(({ process }) => serviceOf(process) === service);
  const worst = Math.max(...processes.map(({ status }) => statuses.indexOf(status)));
  return {
    service,
    status: statuses[worst] ?? 'no answer',
    processes,
    outboxPending: figures.highest('millrace_outbox_pending', service),
    outboxAgeSeconds: figures.highest('millrace_relay_oldest_unpublished_age_seconds', service),
    callsOutside: figures
      .of('millrace_watch_up', service)
      .some(({ labels }) => labels.watch === 'external calls'),
  };
}

/** The sum of each service. */
function totals(
  figures: readonly { readonly service: string; readonly value: number }[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { service, value } of figures) sums.set(service, (sums.get(service) ?? 0) + value);
  return sums;
}

function outsideOf(figures: Figures): Overview['outside'] {
  const ages = new Map(
    figures
      .by('millrace_external_calls_oldest_age_seconds', ['kind'], higher)
      .map(({ service, kind, value }) => [`${service} ${kind}`, value]),
  );
  return figures.by('millrace_external_calls_pending', ['kind'], higher).map(({ service, kind, value }) => ({
    service,
    kind,
    pending: value,
    oldestAgeSeconds: Math.round(ages.get(`${service} ${kind}`) ?? 0),
  }));
}

/** Sums the partitions of a topic. Every process that watches the group sees the same lag. */
function lagsOf(figures: Figures): readonly LagView[] {
  const labels = ['group', 'topic', 'partition'] as const;
  const seconds = new Map<string, number>();
  for (const { group, topic, value } of figures.by('kafka_consumer_group_lag_seconds', labels, higher))
    seconds.set(`${group} ${topic}`, Math.max(seconds.get(`${group} ${topic}`) ?? 0, value));
  const messages = new Map<string, LagView>();
  for (const { group, topic, value } of figures.by('kafka_consumer_group_lag', labels, higher)) {
    const key = `${group} ${topic}`;
    const sum = (messages.get(key)?.messages ?? 0) + value;
    messages.set(key, { group, topic, messages: sum, seconds: Math.round(seconds.get(key) ?? 0) });
  }
  return [...messages.values()];
}

function sagasOf(figures: Figures): readonly SagasView[] {
  const live = figures.by('millrace_sagas_live', ['definition', 'status'], higher);
  const attention = figures.by('millrace_sagas_need_attention', ['definition'], higher);
  const ended = figures.by('millrace_saga_duration_seconds_count', ['definition', 'outcome'], added);
  const started = figures.by('millrace_sagas_started_total', ['definition'], added);
  const names = new Map(
    [...live, ...attention, ...ended, ...started].map(({ service, definition }) => [
      `${service} ${definition}`,
      { service, definition },
    ]),
  );
  return [...names.values()].map(({ service, definition }) => {
    const isOne = (one: { readonly service: string; readonly definition: string }) =>
      one.service === service && one.definition === definition;
    const count = (status: string) => live.find((one) => isOne(one) && one.status === status)?.value ?? 0;
    const endedAs = (outcome: string) =>
      ended.find((one) => isOne(one) && one.outcome === outcome)?.value ?? 0;
    return {
      service,
      definition,
      running: count('running'),
      compensating: count('compensating'),
      closing: count('closing'),
      needsAttention: attention.find(isOne)?.value ?? 0,
      completed: endedAs('completed'),
      compensated: endedAs('compensated'),
    };
  });
}

/** Every reader of a dead-letter topic reports the number of its records. */
function deadLettersOf(figures: Figures): Overview['deadLetters'] {
  const highest = new Map<string, number>();
  for (const { topic, value } of figures.by('millrace_dead_letters', ['topic'], higher))
    highest.set(topic, Math.max(highest.get(topic) ?? 0, value));
  return [...highest].flatMap(([topic, letters]) => (letters > 0 ? [{ topic, letters }] : []));
}
