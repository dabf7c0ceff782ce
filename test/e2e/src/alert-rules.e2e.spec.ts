import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sharedStack } from '@millrace/test-support/stack';
import { metricEntries, referenceSection } from '@millrace/testing/reference-page';

const workspace = join(import.meta.dirname, '../../..');
const rulesFile = join(workspace, 'deploy/prometheus/rules.yml');

const ofPrometheus: ReadonlySet<string> = new Set(['up']);

/** The metrics that an expression reads: its names that are not functions, labels or keywords. */
function metricsOf(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/"[^"]*"|'[^']*'/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const words = bare.match(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g) ?? [];
  return words.filter((word) => !/^(and|or|unless|offset|bool|sum|max|min|count|avg|[smhdwy])$/.test(word));
}

/** The expressions of alerts and recording rules, whether they take one line or several. */
const expressionsOf = (rules: string): readonly string[] =>
  [...rules.matchAll(/^( +)expr: (?:\|\n((?:\1 +.*\n)+)|(.*)\n)/gm)].map(
    ([, , block, line]) => block ?? line ?? '',
  );

const recordedBy = (rules: string): readonly string[] =>
  [...rules.matchAll(/- record: (\S+)/g)].map(([, name = '']) => name);

/** The answers of the services to `/metrics`. */
const expositions = (): Promise<readonly string[]> =>
  Promise.all(Object.values(sharedStack().urls).map(async (url) => (await fetch(`${url}/metrics`)).text()));

/** The name and type of each metric that a service declares. */
async function declared(): Promise<ReadonlyMap<string, string>> {
  const text = (await expositions()).join('\n');
  return new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
}

/** The metrics of optional apps, which the stack does not run: tests of theirs compare the sections. */
const ofOptionalApps = (): readonly string[] => {
  const page = readFileSync(join(workspace, 'docs/reference/metrics.md'), 'utf8');
  return page
    .split(/^## /m)
    .filter((section) => /^(Stream applications|Connectors|Schema registry)\n/.test(section))
    .flatMap((section) => [...section.matchAll(/^- `(\w+)`/gm)].map(([, name = '']) => name));
};

const seriesOf = ([name, type]: readonly [string, string]): readonly string[] =>
  type === 'histogram' ? [name, `${name}_count`, `${name}_sum`, `${name}_bucket`] : [name];

describe('the alert rules', () => {
  it('R13 read only metrics that a running service exposes or another rule records', async () => {
    const rules = readFileSync(rulesFile, 'utf8');
    const read = new Set(expressionsOf(rules).flatMap(metricsOf));
    expect(expressionsOf(rules)).toHaveLength(rules.match(/expr:/g)?.length ?? 0);
    expect(read.size).toBeGreaterThanOrEqual(14);

    const known = new Set([
      ...[...(await declared())].flatMap(seriesOf),
      ...ofOptionalApps(),
      ...recordedBy(rules),
      ...ofPrometheus,
    ]);
    expect([...read].filter((name) => !known.has(name))).toEqual([]);
  });

  it('fail this check when they read a metric that nobody exposes', () => {
    const expression =
      'sum by (service) (rate(http_x_total{route="/y", status=~"5.."}[5m])) / 2 > 0 unless on (service) gone offset 10m';
    expect(metricsOf(expression)).toEqual(['http_x_total', 'gone']);
  });
});

describe('the page of metrics', () => {
  it('R40 lists exactly the metrics that a running service exposes', async () => {
    // apps/broker/src/broker-metrics.int.spec.ts compares the broker's metrics.
    const entries = metricEntries((await expositions()).join('\n'));
    const { onPage, inCode } = referenceSection('metrics.md', 'Services', entries);
    expect(entries.length).toBeGreaterThan(30);
    expect(onPage).toEqual(inCode);
  });
});
