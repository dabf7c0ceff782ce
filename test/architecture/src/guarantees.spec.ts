import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { faultsOf, guaranteesPage, proofsIn, promisesOn, readProofs, withSuites } from './guarantees.ts';
import { readText, workspace } from './workspace.ts';

const proofs = readProofs();

describe('docs/GUARANTEES.md', () => {
  it('has a test for each promise, and a promise for each id in a title', () => {
    expect(faultsOf(readText(guaranteesPage), proofs)).toEqual([]);
  });

  it('names the suites behind each promise, as `npm run reference` writes them', () => {
    const page = readText(guaranteesPage);
    if (process.env.MILLRACE_WRITE_REFERENCE === '1')
      writeFileSync(join(workspace, guaranteesPage), withSuites(page, proofs));
    expect(promisesOn(readText(guaranteesPage))).toEqual(promisesOn(page));
    expect(readText(guaranteesPage)).toBe(withSuites(page, proofs));
  });

  it('is at most 56 KB long', () => {
    expect(Buffer.byteLength(readText(guaranteesPage))).toBeLessThanOrEqual(56 * 1024);
  });

  it('is reported for each fault', () => {
    const text =
      "it('X01 X02 keeps it', f); it(`X04 loses ${it}`, f); it('G01 a scenario', f); it('X05', f);";
    const found = proofsIn('libs/log/src/a.spec.ts', text);
    expect(found.map(({ ids }) => ids)).toEqual([['X01', 'X02'], ['X04'], ['X05']]);
    const page = '- X01: Kept.\n- X02: Also kept. (old)\n- X03: Unproven.\n- X01: Again.\n';
    expect(faultsOf(page, found)).toEqual([
      'X01 stands twice',
      'no title of a test begins with X03',
      'libs/log/src/a.spec.ts: "X04 loses ${it}": X04 is no promise',
      'libs/log/src/a.spec.ts: "X05 ": X05 is no promise',
    ]);
    const other = [...found, { file: 'test/e2e/src/b.spec.ts', ids: ['X04'], title: '' }];
    expect(withSuites('Suite: old.\n- X01: A.\n- X02: B. (old)\n- X04: C.\n', other)).toBe(
      'Suite: log.\n- X01: A.\n- X02: B.\n- X04: C. (e2e +1)\n',
    );
  });
});
