import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { referenceSection } from '@millrace/testing/reference-page';
import { alarmTable } from './alarm-table.ts';

const operations = readFileSync(join(import.meta.dirname, '../../../../docs/OPERATIONS.md'), 'utf8');

describe('the page of metrics', () => {
  it('R40 lists the alarms as they are declared, each with its entry in the runbook', () => {
    const entries = Object.entries(alarmTable).map(([name, { meaning, place, rule }]) => ({
      name,
      about: place.length > 0 ? `by ${place.join(', ')}` : 'no labels',
      text: `${meaning} See [the runbook](../OPERATIONS.md#${rule.toLowerCase()}).`,
    }));
    const { onPage, inCode } = referenceSection('metrics.md', 'Alarms', entries);
    expect(onPage).toEqual(inCode);
  });

  it.each(Object.entries(alarmTable))('names an entry that the runbook has: %s', (_name, { rule }) => {
    expect(operations).toContain(`\n### ${rule}\n`);
  });
});
