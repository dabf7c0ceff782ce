import type { AlarmKind } from './alarm-kind.ts';
import { alarmTable } from './alarm-table.ts';

/** A sample of a metric, as a process exposes it on `/metrics`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A rule of Prometheus with the severity `page` whose condition holds now. */
export interface Page {
  readonly rule: string;
  /** The labels that locate it, such as `service=order group=order`. */
  readonly place: string;
  readonly value: number;
}

/** How the console judges a rule. */
interface Judgement {
  /** The metrics that the rule is about: `judge` is given no samples of others. */
  readonly reads: readonly string[];
  readonly judge: (samples: readonly Sample[]) => readonly Omit<Page, 'rule'>[];
}

/** The share of requests that uses up an error budget of 0.1 % in two days. */
const fastBurn = 14.4 * 0.001;

/**
 * What the rules of Prometheus judge by an expression of their own. A process that does not answer
 * (`MillraceServiceDown`) has no samples: whoever collects them knows of it.
 */
const further: Readonly<Record<string, Judgement>> = {
  MillraceHttpErrorBudgetBurnsFast: {
    reads: ['millrace_http_requests_recent', 'millrace_http_server_errors_recent'],
    judge: (samples) => {
      const within = (window: string) =>
        samples.filter(({ labels }) => labels.window === window && labels.service !== undefined);
      const ratios = ['5m', '1h'].map((window) => {
        const recent = within(window);
        const requests = combined(recent, 'millrace_http_requests_recent', sum, ['service']);
        const errors = combined(recent, 'millrace_http_server_errors_recent', sum, ['service']);
        return new Map([...errors].map(([place, count]) => [place, count / (requests.get(place) ?? 0)]));
      });
      return [...(ratios[0] ?? [])]
        .map(([place, ratio]) => ({ place, value: Math.min(ratio, ratios[1]?.get(place) ?? 0) }))
        .filter(({ value }) => value > fastBurn);
    },
  },
  MillraceNobodyConsumes: {
    reads: ['millrace_consumer_partitions_owned'],
    judge: (samples) =>
      placesWhere(
        combined(samples, 'millrace_consumer_partitions_owned', sum, ['service', 'group']),
        (owned) => owned === 0,
      ),
  },
  MillraceNobodyPublishes: {
    reads: ['millrace_relay_publishing', 'millrace_outbox_pending'],
    judge: (samples) => {
      const publishing = combined(samples, 'millrace_relay_publishing', sum, ['service']);
      const pending = combined(samples, 'millrace_outbox_pending', max, ['service']);
      return [
        ...placesWhere(publishing, (count) => count === 0),
        ...[...pending]
          .filter(([place]) => !publishing.has(place))
          .map(([place, value]) => ({ place, value })),
      ];
    },
  },
};

const ofTable: Readonly<Record<string, Judgement>> = Object.fromEntries(
  Object.values<AlarmKind>(alarmTable)
    .filter(({ alert }) => alert.severity === 'page')
    .map(({ rule, threshold, alert: { figure, where = {}, over, by } }): [string, Judgement] => [
      rule,
      {
        reads: [figure],
        judge: (samples) =>
          placesWhere(
            combined(withLabels(samples, where), figure, over === 'max' ? max : sum, by),
            (value) => value > threshold,
          ),
      },
    ]),
);

const judgements = Object.entries({ ...further, ...ofTable });

/** The rules that `pagesIn` judges. */
export const judgedRules: readonly string[] = judgements.map(([rule]) => rule);

/** The metrics that `pagesIn` reads: a process may be asked for these alone. */
export const judgedMetrics: readonly string[] = [...new Set(judgements.flatMap(([, { reads }]) => reads))];

/**
 * Judges the samples of all processes as the rules of Prometheus do, whatever thresholds the services
 * have. Prometheus pages once the condition has held for the time of its rule.
 */
export const pagesIn = (samples: readonly Sample[]): readonly Page[] =>
  judgements.flatMap(([rule, { reads, judge }]) =>
    judge(samples.filter(({ name }) => reads.includes(name))).map((found) => ({ rule, ...found })),
  );

const withLabels = (samples: readonly Sample[], where: Sample['labels']): readonly Sample[] =>
  samples.filter(({ labels }) => Object.entries(where).every(([label, value]) => labels[label] === value));

type Combine = (one: number, other: number) => number;
const max: Combine = (one, other) => Math.max(one, other);
const sum: Combine = (one, other) => one + other;

/** Combines the samples of a metric by labels, as `max by` and `sum by` do. */
function combined(
  samples: readonly Sample[],
  name: string,
  combine: Combine,
  by: readonly string[],
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { labels, value } of samples.filter((sample) => sample.name === name)) {
    const place = by
      .filter((label) => labels[label] !== undefined)
      .map((label) => `${label}=${labels[label]}`)
      .join(' ');
    const before = found.get(place);
    found.set(place, before === undefined ? value : combine(before, value));
  }
  return found;
}

const placesWhere = (
  figures: ReadonlyMap<string, number>,
  is: (value: number) => boolean,
): readonly Omit<Page, 'rule'>[] =>
  [...figures].filter(([, value]) => is(value)).map(([place, value]) => ({ place, value }));
