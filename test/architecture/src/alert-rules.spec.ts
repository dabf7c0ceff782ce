import { describe, expect, it } from '@jest/globals';
import { anchorsOf } from './markdown.ts';
import { readText } from './workspace.ts';

const alertsOf = (rules: string) =>
  rules
    .split(/^ *- (?=alert: |record: )/m)
    .filter((rule) => rule.startsWith('alert: '))
    .map((rule) => ({
      name: /^alert: (\w+)$/m.exec(rule)?.[1],
      runbook: /runbook_url: (\S+)$/m.exec(rule)?.[1],
    }));

/** The alerts without a runbook entry under their own name. */
const withoutEntry = (rules: string, operations: string) =>
  alertsOf(rules)
    .filter(({ name, runbook }) => {
      const anchor = name?.toLowerCase() ?? '';
      return runbook !== `docs/operations/what-to-do.md#${anchor}` || !anchorsOf(operations).has(anchor);
    })
    .map(({ name }) => name);

describe('alert rules', () => {
  const rules = readText('deploy/prometheus/rules.yml');

  it('R13 each have an entry in the runbook', () => {
    expect(alertsOf(rules).length).toBeGreaterThanOrEqual(14);
    expect(withoutEntry(rules, readText('docs/operations/what-to-do.md'))).toEqual([]);
  });

  it('are reported if they have none', () => {
    const rule = (name: string, runbook: string) =>
      `  - alert: ${name}\n    annotations:\n      runbook_url: docs/operations/what-to-do.md#${runbook}\n`;
    expect(withoutEntry(rule('A', 'a') + rule('B', 'b') + rule('C', 'a'), '### A\n### C\n')).toEqual([
      'B',
      'C',
    ]);
  });
});
