import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from './workspace-copy.ts';

/**
 * The files that a section of docs/FORKING.md lists in its `text` blocks, where each line begins
 * with a path.
 */
export function listedFiles(heading: string): readonly string[] {
  const [, section] = readFileSync(join(workspace, 'docs/FORKING.md'), 'utf8').split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`docs/FORKING.md has no section "${heading}"`);
  const [own = ''] = section.split(/^## /m);
  const blocks = [...own.matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n').flatMap((line) => /^\S+/.exec(line) ?? [])).sort();
}
