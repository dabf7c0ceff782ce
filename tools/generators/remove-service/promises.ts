import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  guaranteesPage,
  promisesOn,
  readProofs,
  type Proof,
  withSuites,
} from '../../../test/architecture/src/guarantees.ts';

/**
 * Removes from docs/GUARANTEES.md the promises that no test proves any more, and names the suites
 * behind the others as they are now.
 */
export function removePromisesWithoutTest(root: string): void {
  const file = join(root, guaranteesPage);
  if (existsSync(file)) writeFileSync(file, withProvenPromises(readFileSync(file, 'utf8'), readProofs()));
}

/** The page without the promises that no test proves, and without the sections that had only those. */
export function withProvenPromises(page: string, proofs: readonly Proof[]): string {
  const proven = new Set(proofs.flatMap(({ ids }) => ids));
  const kept = page.split(/^(?=## )/m).flatMap((section) => {
    const promises = promisesOn(section);
    const left = promises.filter(({ id }) => proven.has(id));
    if (promises.length > 0 && left.length === 0) return [];
    return promises
      .filter((each) => !left.includes(each))
      .reduce((text, { id }) => text.replace(new RegExp(`^- ${id}: .*\\n`, 'm'), ''), section);
  });
  return withSuites(kept.join(''), proofs);
}
