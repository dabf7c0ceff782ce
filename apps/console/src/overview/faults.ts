import { pagesIn, type Sample } from '@millrace/operations/alarms';
import type { ServiceReport } from '@millrace/operations/client';
import type { FaultView } from '../api/overview.ts';

/**
 * The time when each group last failed to handle a message of a topic, by the clock of the looks.
 */
export type Failures = ReadonlyMap<
  string,
  { readonly total: number; readonly failedAtMs: number | undefined }
>;

/** How long a group counts as failing after a failed attempt. */
const failingMs = 60_000;
/** `MillraceHttpErrorBudgetBurnsSlowly` looks at six hours; a process remembers one. */
const slowBurn = 6 * 0.001;

/**
 * Every present fault that has an entry in the runbook: the raised alarms, the rules of Prometheus
 * that the present figures break, and processes that do not answer.
 */
export function faultsOf(
  reports: readonly ServiceReport[],
  samples: readonly Sample[],
  failures: Failures,
  atMs: number,
): readonly FaultView[] {
  const found = [
    ...silentProcesses(reports),
    ...raisedAlarms(reports),
    ...judgedNow(samples),
    ...failingGroups(failures, atMs),
  ];
  const seen = new Set<string>();
  return found.filter(({ rule, place }) => {
    const key = `${rule} ${place}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const silentProcesses = (reports: readonly ServiceReport[]): readonly FaultView[] =>
  reports
    .filter(({ status }) => status.status === 'no answer')
    .map(({ status }) => ({
      rule: 'MillraceServiceDown',
      place: `process=${status.process}`,
      detail: status.failing.join('; '),
      since: null,
    }));

const raisedAlarms = (reports: readonly ServiceReport[]): readonly FaultView[] =>
  reports.flatMap(({ alarms }) =>
    alarms.map(({ runbook = '', place, process, value, threshold, since }) => ({
      rule: runbook,
      place: place || `process=${process}`,
      detail: `${figure(value)} in ${process}, above the limit of ${figure(threshold)}`,
      since,
    })),
  );

const figure = (value: number): string => String(Math.round(value * 10) / 10);

function judgedNow(samples: readonly Sample[]): readonly FaultView[] {
  const paged = pagesIn(samples).map(({ rule, place, value }) => ({
    rule,
    place,
    detail: figure(value),
    since: null,
  }));
  const stale = samples
    .filter(({ name, value }) => name === 'millrace_watch_up' && value === 0)
    .map(({ labels }) => ({
      rule: 'MillraceFiguresStale',
      place: `service=${labels['service']} watch=${labels['watch']}`,
      detail: 'it cannot be read',
      since: null,
    }));
  return [...paged, ...stale, ...burnsSlowly(samples)];
}

function burnsSlowly(samples: readonly Sample[]): readonly FaultView[] {
  const ofHour = (metric: string) =>
    new Map(
      samples
        .filter(({ name, labels }) => name === metric && labels['window'] === '1h')
        .map(({ labels, value }) => [labels['service'] ?? '', value] as const),
    );
  const requests = ofHour('millrace_http_requests_recent');
  return [...ofHour('millrace_http_server_errors_recent')].flatMap(([service, errors]) => {
    const share = errors / (requests.get(service) ?? 0);
    return share > slowBurn
      ? [
          {
            rule: 'MillraceHttpErrorBudgetBurnsSlowly',
            place: `service=${service}`,
            detail: `${figure(share * 100)} % within the hour`,
            since: null,
          },
        ]
      : [];
  });
}

const failingGroups = (failures: Failures, atMs: number): readonly FaultView[] =>
  [...failures]
    .filter(([, { failedAtMs }]) => failedAtMs !== undefined && atMs - failedAtMs < failingMs)
    .map(([place, { total }]) => ({
      rule: 'MillraceConsumerFailing',
      place,
      detail: `${figure(total)} failed attempts since the start of its processes`,
      since: null,
    }));

/** Finds the counts that have grown since the previous look. */
export function failuresOf(samples: readonly Sample[], before: Failures | undefined, atMs: number): Failures {
  const totals = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    if (name !== 'millrace_consumer_failures_total') continue;
    const place = `group=${labels['group']} topic=${labels['topic']}`;
    totals.set(place, (totals.get(place) ?? 0) + value);
  }
  return new Map(
    [...totals].map(([place, total]) => {
      const earlier = before?.get(place);
      const grown = before !== undefined && total > (earlier?.total ?? 0);
      return [place, { total, failedAtMs: grown ? atMs : earlier?.failedAtMs }];
    }),
  );
}
