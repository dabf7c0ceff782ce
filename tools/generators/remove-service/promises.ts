import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  guaranteesPage,
  promisesOn,
  readProofs,
  withSuites,
} from '../../../test/architecture/src/guarantees.ts';

/**
 * Removes from docs/GUARANTEES.md the promises that no test proves any more, and names the suites
 * behind the others as they are now.
 */
export function removePromisesWithoutTest(root: string): void {
  const file = join(root, guaranteesPage);
  if (!existsSync(file)) return;
  const proofs = readProofs();
  const proven = new Set(proofs.flatMap(({ ids }) => ids));
  const page = readFileSync(file, 'utf8');
  const kept = promisesOn(page)
    .filter(({ id }) => !proven.has(id))
    .reduce((text, { id }) => text.replace(new RegExp(`^- ${id}: .*\\n`, 'm'), ''), page);
  writeFileSync(file, withSuites(kept, proofs));
}
