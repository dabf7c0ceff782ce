import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mutants } from './mutants.ts';

const workspace = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(workspace, path), 'utf8');
const times = (text: string, part: string) => text.split(part).length - 1;

/** Checks that `npm run verify -- mutants` can put in each mutant. */
describe('the list of mutants', () => {
  it.each(mutants)(
    '$name: its text occurs once in its file, and its test exists',
    ({ file, replace, by, test }) => {
      expect(times(read(file), replace)).toEqual(1);
      expect(by).not.toBe(replace);
      expect(times(read(test.file), test.name)).toEqual(1);
    },
  );

  it('gives each mutant a unique name', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});
