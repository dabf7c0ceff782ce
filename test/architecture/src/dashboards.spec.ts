import { describe, expect, it } from '@jest/globals';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { dashboardQueries, readBy, type DashboardQuery } from './dashboards.ts';
import { readText } from './workspace.ts';

interface Metric {
  readonly type: string;
  readonly help: string;
  /** Whether it has the label `service` or `application`, which the help text need not name. */
  readonly ofService: boolean;
}

/** The labels that Prometheus adds. */
const ofPrometheus: ReadonlySet<string> = new Set(['instance', 'job']);

/** How the help texts call the labels of OpenTelemetry's conventions. */
const wordsFor: Readonly<Record<string, string>> = {
  messaging_destination_name: 'topic',
  messaging_operation_name: 'operation',
  error_type: 'error',
};

/** The metrics of the reference, by the names of their series. */
function metricsOf(page: string): ReadonlyMap<string, Metric> {
  const known = new Map<string, Metric>();
  const add = (name: string, metric: Metric) => {
    const series = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const ending of series) {
      const other = known.get(`${name}${ending}`);
      const help = `${other?.help ?? ''} ${metric.help}`;
      known.set(`${name}${ending}`, {
        ...metric,
        help,
        ofService: metric.ofService || other?.ofService === true,
      });
    }
  };
  for (const section of page.split(/^(?=## )/m)) {
    if (section.startsWith('## Alarms')) continue;
    const ofService = !section.startsWith('## The embedded broker');
    for (const entry of section.split(/^- /m).slice(1)) {
      const [, name = '', type = '', help = ''] = /^`(\w+)` \((\w+)\): ([^]*)$/.exec(entry) ?? [];
      add(name, { type, help, ofService });
    }
  }
  return known;
}

const ofNode = new Registry();
collectDefaultMetrics({ register: ofNode });
const namesOfNode = new Set(ofNode.getMetricsAsArray().map(({ name }) => name));
ofNode.clear();

function hasLabel({ type, help, ofService }: Metric, label: string): boolean {
  if (ofPrometheus.has(label) || (label === 'le' && type === 'histogram')) return true;
  if (label === 'service') return ofService;
  return new RegExp(`\\b${wordsFor[label] ?? label}s?\\b`).test(help);
}

/** What the query reads that nobody exposes. */
function unknownTo(
  known: ReadonlyMap<string, Metric>,
  { place, expression, named }: DashboardQuery,
): readonly string[] {
  const { metrics, groupedBy } = readBy(expression);
  const find = (name: string): Metric | undefined =>
    namesOfNode.has(name) ? { type: 'gauge', help: '', ofService: true } : known.get(name);
  const faults = metrics.flatMap(({ name, selectedBy }) => {
    const metric = find(name);
    if (metric === undefined) return [`there is no metric ${name}`];
    return [...selectedBy, ...groupedBy]
      .filter((label) => !hasLabel(metric, label))
      .map((label) => `${name} has no label ${label}`);
  });
  const shown = groupedBy.length > 0 ? new Set(groupedBy) : undefined;
  const lost = named.filter((label) =>
    shown === undefined
      ? metrics.every(({ name }) => !hasLabel(find(name) ?? { type: '', help: '', ofService: false }, label))
      : !shown.has(label),
  );
  return [...faults, ...lost.map((label) => `no line has the label ${label}`)].map(
    (fault) => `${place}: ${fault}`,
  );
}

describe('the dashboards for Grafana', () => {
  const known = metricsOf(readText('docs/reference/metrics.md'));
  const queries = dashboardQueries();

  it('R44 read only metrics that exist, by labels that these have', () => {
    expect(queries.length).toBeGreaterThan(80);
    expect(queries.flatMap((query) => unknownTo(known, query))).toEqual([]);
  });

  it('show every metric of stream applications and of the broker', () => {
    const read = new Set(
      queries.flatMap(({ expression }) => readBy(expression).metrics.map(({ name }) => name)),
    );
    const shown = [...known.keys()].filter((name) => /^millrace_(streams|broker)_/.test(name));
    const bare = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    const readBare = new Set([...read].map(bare));
    expect(shown.filter((name) => !readBare.has(bare(name)) && !read.has(name))).toEqual([]);
  });

  it('have this check fail for what nobody exposes', () => {
    const query = (expression: string, ...named: readonly string[]) =>
      unknownTo(known, { place: 'p', expression, named });

    expect(query('sum by (service) (rate(gone_total{service=~"$service"}[$__rate_interval])) / 2')).toEqual([
      'p: there is no metric gone_total',
    ]);
    expect(query('max by (colour) (millrace_outbox_pending{group="x"} > 0 or vector(0))')).toEqual([
      'p: millrace_outbox_pending has no label group',
      'p: millrace_outbox_pending has no label colour',
    ]);
    expect(query('sum by (service) (millrace_outbox_pending)', 'topic')).toEqual([
      'p: no line has the label topic',
    ]);
    expect(
      query('histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[1h])))'),
    ).toEqual([]);
  });
});
