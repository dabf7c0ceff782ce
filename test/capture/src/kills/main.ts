/** Kills the worker of a capture with each seed, and prints a report as one line of JSON. */
import { parseArgs } from 'node:util';
import { KillWorld, type KillOutcome } from './kill-run.ts';

/** What `npm run verify -- cdc-kills` makes its page from. */
export interface KillReport {
  readonly seed: number;
  readonly outcomes: readonly KillOutcome[];
}

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, seeds: { type: 'string', default: '50' } },
});
const seed = Number(values.seed);
const outcomes: KillOutcome[] = [];
const world = await KillWorld.open();
try {
  for (let next = seed; next < seed + Number(values.seeds); next += 1) {
    const outcome = await world.run(next);
    outcomes.push(outcome);
    process.stderr.write(`${JSON.stringify(outcome)}\n`);
  }
} finally {
  await world.close();
}
process.stdout.write(`${JSON.stringify({ seed, outcomes } satisfies KillReport)}\n`);
process.exit(outcomes.every(({ problems }) => problems.length === 0) ? 0 : 1);
