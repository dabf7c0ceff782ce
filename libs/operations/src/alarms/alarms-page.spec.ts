import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { referenceSection } from '@millrace/testing/reference-page';
import { alarmTable } from './alarm-table.ts';

const runbook = readFileSync(join(import.meta.dirname, '../../../../docs/operations/what-to-do.md'), 'utf8');

describe('the page of metrics', () => {
  it('R40 lists the alarms as they are declared, each with its entry in the runbook', () => {
    const entries = Object.entries(alarmTable).map(([name, { meaning, place, rule }]) => ({
      name,
      about: place.length > 0 ? `by ${place.join(', ')}` : 'no labels',
      text: `${meaning} See [the runbook](../operations/what-to-do.md#${rule.toLowerCase()}).`,
    }));
    const { onPage, inCode } = referenceSection('metrics.md', 'Alarms', entries);
    expect(onPage).toEqual(inCode);
  });

  it.each(Object.entries(alarmTable))(
    'names an entry of the runbook, which names the alarm: %s',
    (name, { rule }) => {
      const entry = runbook.split(/^(?=### )/m).find((text) => text.startsWith(`### ${rule}\n`));
      expect(entry).toContain(`Services raise it as \`${name}\`.`);
    },
  );
});
