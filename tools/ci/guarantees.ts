import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { ageOf } from './report.ts';
import type { TargetResult } from './results.ts';

/**
 * Every row of docs/GUARANTEES.md names its tests as `file > test name`. Each of them has to have passed, in this run or
 * in an earlier one with the same inputs, which Nx has replayed. Tests in `*.ci.spec.ts` and `*.kafka.spec.ts` run in CI
 * only: elsewhere it is enough that their file exists.
 */
export function guaranteeProblems(results: readonly TargetResult[], startedAt: Date): readonly string[] {
  const text = readFileSync(join(workspace, 'docs/GUARANTEES.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| [A-Z]\d+ +\|/.test(line));
  const ran = results.flatMap(({ tests = [], finishedAt }) => tests.map((test) => ({ ...test, finishedAt })));
  const problems: string[] = rows.length === 0 ? ['docs/GUARANTEES.md lists no guarantee'] : [];
  const proofs: string[] = [];
  let leftToCi = 0;
  for (const row of rows) {
    const id = /^\| ([A-Z]\d+)/.exec(row)?.[1] ?? '';
    const named = [...row.matchAll(/`([^`]+\.spec\.ts) > ([^`]+)`/g)];
    if (named.length === 0) problems.push(`guarantee ${id} names no test`);
    for (const [, file = '', name = ''] of named) {
      const found = ran.filter((test) => test.file === file && test.name.includes(name));
      if (found.length === 0 && isLeftToCi(file)) {
        leftToCi += 1;
        if (!existsSync(join(workspace, file))) problems.push(`guarantee ${id}: there is no file ${file}`);
      } else if (found.length === 0) problems.push(`guarantee ${id}: no test "${name}" ran in ${file}`);
      else if (found.some(({ status }) => status !== 'passed'))
        problems.push(`guarantee ${id}: "${name}" in ${file} did not pass`);
      else proofs.push(...found.map(({ finishedAt }) => finishedAt));
    }
  }
  process.stdout.write(
    `\n${summary(rows.length, proofs, leftToCi, startedAt)}, ${problems.length} problems\n`,
  );
  return problems;
}

const isLeftToCi = (file: string): boolean =>
  process.env.CI !== 'true' && /\.(ci|kafka)\.spec\.ts$/.test(file);

function summary(rows: number, proofs: readonly string[], leftToCi: number, startedAt: Date): string {
  const replayed = proofs.filter((finishedAt) => new Date(finishedAt) < startedAt).sort();
  const [oldest] = replayed;
  const age = oldest === undefined ? '' : ` (the oldest of ${ageOf(new Date(oldest), startedAt)} ago)`;
  return `${rows} guarantees: ${proofs.length - replayed.length} of their tests ran, ${replayed.length} were replayed${age}, ${leftToCi} are left to CI`;
}
