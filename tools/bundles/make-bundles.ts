import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Group } from './groups.ts';
import type { BundlePlace } from './kept-bundle.ts';

/** After this time, a notice on the terminal says why the start takes long. */
const patienceMs = 1_000;

/** Makes bundles in a process of its own. Rejects with the reason if that fails. */
export async function makeBundles(
  groups: readonly Group[],
  { workspace, bundles }: BundlePlace,
): Promise<void> {
  const program = join(import.meta.dirname, 'write-bundles.ts');
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [program, workspace, bundles, ...groups.map(({ name }) => name)], {
    env: { PATH, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const notice = setTimeout(() => {
    if (process.stderr.isTTY)
      process.stderr.write('bundling the programs, since their sources are new or have changed\n');
  }, patienceMs);
  try {
    const [[code, signal], reason] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
    if (code !== 0) throw new Error(reason || `the bundler ended with ${signal ?? `exit code ${code}`}`);
  } finally {
    clearTimeout(notice);
  }
}
