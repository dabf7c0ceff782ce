import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { alertRules } from './prometheus-rules.fixture.ts';

const file = join(import.meta.dirname, '../../../../deploy/prometheus/rules.yml');

describe('the rules of Prometheus', () => {
  it('are those of the alarm table, with its figures, thresholds and headings', () => {
    if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(file, alertRules());
    expect(readFileSync(file, 'utf8')).toBe(alertRules());
  });
});
