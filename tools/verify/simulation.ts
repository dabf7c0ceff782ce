import { spawnSync } from 'node:child_process';
import { workspace } from '../workspace.ts';
import { valuesOf, type LongRun } from './long-run.ts';

const seedsByDefault = '20000';
const program = ['--conditions=@millrace/source', '--import', './tools/typescript/register.mjs'];

/** Plays the pure parts of the services in a world of random faults, and prints the story of a failure. */
export const simulation: LongRun = {
  summary:
    `[--seeds ${seedsByDefault}] [--seed N]: orders on the pure parts of the services, with late and repeated ` +
    'messages and dying processes; a failed seed is printed as its shortest story; --seed alone plays that one',
  main(args) {
    const { seeds, seed } = valuesOf(args, { seeds: seedsByDefault, seed: '1' });
    const isOne = args.includes('--seed') && !args.includes('--seeds');
    const options = ['--seed', seed, '--seeds', isOne ? '1' : seeds];
    const { status } = spawnSync(process.execPath, [...program, 'test/simulation/src/main.ts', ...options], {
      cwd: workspace,
      stdio: 'inherit',
    });
    return Promise.resolve(status === 0);
  },
};
