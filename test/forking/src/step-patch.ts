import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The patch that adds the step `pack` to the saga, as docs/FORKING.md explains it. */
export const stepPatch = join(import.meta.dirname, '../add-a-step.patch');

/** The files that the patch changes or creates. */
export const patchedFiles = (): readonly string[] =>
  [...readFileSync(stepPatch, 'utf8').matchAll(/^diff --git a\/(\S+) b\/\1$/gm)]
    .map(([, path = '']) => path)
    .sort();
