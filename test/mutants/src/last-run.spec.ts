import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mutants } from './mutants.ts';

const workspace = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(workspace, path), 'utf8');

describe('the list of mutants', () => {
  it('P10 matches the last run, which caught all of them', () => {
    const record = JSON.parse(read('test/records/mutants-caught.json')) as { readonly caught: object };
    const names = mutants.map(({ name }) => name);
    expect(Object.keys(record.caught).sort()).toEqual(names.sort());
    expect(read('docs/reports/mutants.md')).toContain(`\n${mutants.length} passed, 0 failed\n`);
  });
});
