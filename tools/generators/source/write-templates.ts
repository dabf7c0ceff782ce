import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';

/**
 * Writes each `*.template` below `from` into the folder `to`. In the paths and the texts, `__name__`
 * stands for the value of `name`.
 */
export function writeTemplates(
  tree: Tree,
  from: string,
  to: string,
  values: Readonly<Record<string, string>>,
): void {
  const filled = (text: string): string =>
    text.replace(/__([A-Za-z][A-Za-z _-]*?)__/g, (token, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${from}: nothing is known to replace ${token}`);
      return value;
    });
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('.template'))
      tree.write(
        join(to, filled(path.slice(0, -'.template'.length))),
        filled(readFileSync(join(from, path), 'utf8')),
      );
}
