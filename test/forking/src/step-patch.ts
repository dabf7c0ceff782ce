import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Adds the step `pack` to the saga: what docs/FORKING.md explains, as git applies it. */
export const stepPatch = join(import.meta.dirname, '../add-a-step.patch');

/** The files that it changes or makes. */
export const patchedFiles = (): readonly string[] =>
  [...readFileSync(stepPatch, 'utf8').matchAll(/^diff --git a\/(\S+) b\/\1$/gm)]
    .map(([, path = '']) => path)
    .sort();
