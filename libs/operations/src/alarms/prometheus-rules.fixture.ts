import type { AlarmKind, AlertRule } from './alarm-kind.ts';
import { alarmTable } from './alarm-table.ts';

/** An alert that only Prometheus can judge, because it is about rates, or about processes that are gone. */
interface FurtherAlert extends Pick<AlertRule, 'group' | 'severity' | 'forMinutes' | 'summary' | 'comment'> {
  readonly rule: string;
  readonly expression: string;
}

const further: readonly FurtherAlert[] = [
  {
    group: 'services',
    rule: 'MillraceServiceDown',
    expression: 'up{job="millrace"} == 0',
    forMinutes: 1,
    severity: 'page',
    summary: '{{ $labels.instance }} does not answer',
  },
  {
    group: 'services',
    rule: 'MillraceHttpErrorBudgetBurnsFast',
    expression: 'service:http_errors:ratio5m > 14.4 * 0.001\nand service:http_errors:ratio1h > 14.4 * 0.001',
    severity: 'page',
    summary: '{{ $labels.service }} answers {{ $value | humanizePercentage }} of its requests with 5xx',
  },
  {
    group: 'services',
    rule: 'MillraceHttpErrorBudgetBurnsSlowly',
    expression: 'service:http_errors:ratio30m > 6 * 0.001\nand service:http_errors:ratio6h > 6 * 0.001',
    severity: 'ticket',
    summary: '{{ $labels.service }} answers {{ $value | humanizePercentage }} of its requests with 5xx',
  },
  {
    group: 'services',
    rule: 'MillraceFiguresStale',
    expression: 'millrace_watch_up == 0',
    forMinutes: 5,
    severity: 'ticket',
    summary: '{{ $labels.instance }} cannot update the figures of the watch "{{ $labels.watch }}"',
  },
  {
    group: 'consumers',
    rule: 'MillraceNobodyConsumes',
    expression: 'sum by (service, group) (millrace_consumer_partitions_owned) == 0',
    forMinutes: 2,
    severity: 'page',
    summary: 'no process of {{ $labels.service }} has a partition of group {{ $labels.group }}',
  },
  {
    group: 'consumers',
    rule: 'MillraceConsumerFailing',
    expression: 'sum by (service, group, topic) (rate(millrace_consumer_failures_total[5m])) > 0.05',
    forMinutes: 5,
    severity: 'ticket',
    summary: '{{ $labels.group }} keeps failing on {{ $labels.topic }}',
  },
  {
    group: 'outbox',
    rule: 'MillraceNobodyPublishes',
    expression:
      'sum by (service) (millrace_relay_publishing) == 0\n' +
      'or (max by (service) (millrace_outbox_pending) unless on (service) millrace_relay_publishing)',
    forMinutes: 1,
    severity: 'page',
    summary: 'no process of {{ $labels.service }} publishes its outbox',
  },
];

const judged = Object.values<AlarmKind>(alarmTable).map(
  ({ rule, threshold, alert: { figure, where = {}, over, by, ...alert } }): FurtherAlert => ({
    ...alert,
    rule,
    expression: `${over} by (${by.join(', ')}) (${figure}${selectorOf(where)}) > ${threshold}`,
  }),
);

function selectorOf(where: Readonly<Record<string, string>>): string {
  const labels = Object.entries(where).map(([label, value]) => `${label}="${value}"`);
  return labels.length === 0 ? '' : `{${labels.join(', ')}}`;
}

/** A process that starts answers its probes with 503, which costs no user anything. */
const asked = 'route!~"/livez|/readyz|/metrics"';
const errorRatio = (window: string) => `      - record: service:http_errors:ratio${window}
        expr: |
          sum by (service) (rate(http_request_duration_seconds_count{status=~"5..", ${asked}}[${window}]))
          / sum by (service) (rate(http_request_duration_seconds_count{${asked}}[${window}]))
`;

const head = `# Alerts on the services' own metrics, written by \`npm run reference\` from libs/operations/src/alarms.
# The runbook, docs/operations/what-to-do.md, has an entry for each. \`promtool test rules\` runs their tests in
# rules.test.yml. Every replica of a service reports the figures of the whole group, so the expressions
# combine them with max.
groups:
`;

/** The text of \`deploy/prometheus/rules.yml\`. */
export const alertRules = (): string =>
  head +
  (['services', 'consumers', 'outbox', 'sagas', 'streams', 'connect', 'registry'] as const)
    .map((name) =>
      groupOf(
        name,
        [...further, ...judged].filter(({ group }) => group === name),
      ),
    )
    .join('\n') +
  `\n  - name: ratios\n    rules:\n${['5m', '30m', '1h', '6h'].map(errorRatio).join('')}`;

const groupOf = (name: string, alerts: readonly FurtherAlert[]): string =>
  `  - name: ${name}\n    rules:\n${alerts.map(alertOf).join('\n')}`;

const alertOf = ({ rule, expression, forMinutes, severity, summary, comment }: FurtherAlert): string =>
  [
    `      - alert: ${rule}`,
    ...(comment === undefined ? [] : [`        # ${comment}`]),
    expression.includes('\n')
      ? `        expr: |\n${expression.replaceAll(/^/gm, '          ')}`
      : `        expr: ${expression}`,
    ...(forMinutes === undefined ? [] : [`        for: ${forMinutes}m`]),
    '        labels:',
    `          severity: ${severity}`,
    '        annotations:',
    `          summary: '${summary}'`,
    `          runbook_url: docs/operations/what-to-do.md#${rule.toLowerCase()}`,
    '',
  ].join('\n');
