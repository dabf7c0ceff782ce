import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guaranteesPage, promisesOn, readProofs } from '../../test/architecture/src/guarantees.ts';
import { workspace } from '../workspace.ts';
import type { LongRun } from './long-run.ts';

/** Runs none of the tests: CI does, and fails if one of them has not passed. */
export const guarantees: LongRun = {
  summary: 'lists the tests that prove each promise of docs/GUARANTEES.md, in a second',
  main(options) {
    if (options.length > 0) throw new Error(`guarantees has no option ${options.join(' ')}`);
    const proofs = readProofs();
    for (const { id, sentence } of promisesOn(readFileSync(join(workspace, guaranteesPage), 'utf8'))) {
      const tests = proofs.filter(({ ids }) => ids.includes(id));
      const lines = tests.map(({ file, title }) => `    ${file} > ${title}`);
      process.stdout.write(`${[`${id} ${sentence}`, ...lines].join('\n')}\n`);
    }
    return Promise.resolve(true);
  },
};
