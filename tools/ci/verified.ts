import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import type { TargetResult } from './results.ts';

/**
 * The committed results of `npm run verify` for the targets that CI does not run, with their times
 * and commits.
 */
const verifiedFile = join(workspace, 'test/records/verified.json');

interface VerifiedResult extends TargetResult {
  readonly commit: string;
}

export function readVerified(): readonly VerifiedResult[] {
  if (!existsSync(verifiedFile)) return [];
  return JSON.parse(readFileSync(verifiedFile, 'utf8')) as readonly VerifiedResult[];
}

/** Stores results in place of earlier ones of the same targets. */
export function writeVerified(results: readonly TargetResult[], commit: string): void {
  const kept = readVerified().filter((known) => results.every(({ target }) => target !== known.target));
  const all = [...kept, ...results.map((result) => ({ ...result, commit }))];
  all.sort((a, b) => (a.target < b.target ? -1 : 1));
  writeFileSync(verifiedFile, `${JSON.stringify(all, null, 2)}\n`);
}
