import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

export const readText = (path: string): string => readFileSync(join(workspace, path), 'utf8');

/** The files that match a pattern, relative to the workspace and in order. */
export const filesOf = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: workspace, exclude: (name) => name === 'node_modules' || name === 'dist' })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

/** Returns the text of a page. Writes the wanted text first if `npm run reference` runs. */
export function pageWritten(path: string, wanted: string): string {
  if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(join(workspace, path), wanted);
  return readText(path);
}
