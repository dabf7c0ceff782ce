/**
 * Every line of docs/GUARANTEES.md that starts with a guarantee's id names its tests as `file > test name`; each has to exist and to have
 * passed in this run. Those in `*.ci.spec.ts` and `*.kafka.spec.ts` run in CI only: elsewhere it is enough that their file is there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readSuiteResults, workspace } from './checks.ts';

const ran = [...readSuiteResults().values()]
  .flatMap((suite) => suite.tests)
  .map(({ file, name, status }) => ({ file: relative(workspace, file), name, status }));
const text = readFileSync(join(workspace, 'docs/GUARANTEES.md'), 'utf8');
const lines = text.split('\n').filter((line) => /^\| [A-Z]\d+ \|/.test(line));
const problems: string[] = [];
let leftToCi = 0;

const isLeftToCi = (file: string): boolean =>
  process.env.CI !== 'true' && /\.(ci|kafka)\.spec\.ts$/.test(file);

for (const line of lines) {
  const id = /^\| ([A-Z]\d+) \|/.exec(line)?.[1] ?? '';
  const named = [...line.matchAll(/`([^`]+\.spec\.ts) > ([^`]+)`/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
  if (named.length === 0) problems.push(`${id} names no test`);
  for (const { file, name } of named) {
    if (isLeftToCi(file)) {
      leftToCi += 1;
      if (!existsSync(join(workspace, file))) problems.push(`${id}: there is no file ${file}`);
      continue;
    }
    const found = ran.filter((test) => test.file === file && test.name.includes(name));
    if (found.length === 0) problems.push(`${id}: no test "${name}" ran in ${file}`);
    else if (found.some((test) => test.status !== 'passed')) problems.push(`${id}: "${name}" did not pass`);
  }
}
if (lines.length === 0) problems.push('docs/GUARANTEES.md lists no guarantee');
for (const problem of problems) process.stderr.write(`guarantees: ${problem}\n`);
process.stdout.write(
  `${lines.length} guarantees, ${leftToCi} of their tests are left to CI, ${problems.length} problems\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
