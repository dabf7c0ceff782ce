/**
 * `main.ts --seed S --seeds N` plays N worlds, from seed S on, until one breaks a rule. `npm run verify --
 * simulation` runs it.
 */
import { parseArgs } from 'node:util';
import { simulate, type FailedSeed } from './simulate.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const first = Number(values.seed);
const seeds = Number(values.seeds);
const startedAt = performance.now();
const perSecond = (done: number) => Math.round((done * 1000) / (performance.now() - startedAt));
const write = (text: string) => process.stdout.write(text);

/** Plays the seeds in turn, and prints where it is once a second. */
async function firstFailed(): Promise<FailedSeed | undefined> {
  let printedAt = startedAt;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const failed = await simulate(seed);
    if (failed !== undefined) return failed;
    if (performance.now() - printedAt < (process.stdout.isTTY ? 1_000 : 10_000)) continue;
    printedAt = performance.now();
    const done = seed - first + 1;
    write(
      `${process.stdout.isTTY ? '\r' : ''}${done} of ${seeds} seeds, ${perSecond(done)} a second${process.stdout.isTTY ? '' : '\n'}`,
    );
  }
  return undefined;
}

const failed = await firstFailed();
if (failed === undefined)
  write(`\n${seeds} seeds from ${first}, no rule broken, ${perSecond(seeds)} a second\n`);
else {
  const { seed, problem, story, happened } = failed;
  write(
    `\nseed ${seed}, number ${seed - first + 1}, breaks a rule. The shortest story found (of ${happened} steps):\n\n`,
  );
  write(story.map((line, index) => `${String(index + 1).padStart(3)} ${line}\n`).join(''));
  write(`\n${problem}\n\nTo play it again: npm run verify -- simulation --seed ${seed}\n`);
  process.exitCode = 1;
}
