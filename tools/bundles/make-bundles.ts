import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { keptBundles, type BundlePlace } from './kept-bundles.ts';

/** After this time, a notice on the terminal says why the start takes long. */
const patienceMs = 1_000;

/**
 * Returns the folder of the bundles, which are made first if they are missing or old. Returns
 * undefined, after a warning, if they cannot be made.
 */
export async function findBundles(
  place: BundlePlace,
  warn: (line: string) => void,
): Promise<string | undefined> {
  const kept = keptBundles(place);
  if (kept !== undefined) return kept;
  try {
    await makeBundles(place);
    const made = keptBundles(place);
    if (made === undefined) throw new Error('the sources change while they are bundled');
    return made;
  } catch (error) {
    const [why] = (error as Error).message.split('\n');
    warn(
      `could not bundle the programs in ${place.bundles}, so they start from source, which is slower: ${why}`,
    );
    return undefined;
  }
}

/** Makes bundles in a process of its own. Rejects with the reason if that fails. */
async function makeBundles({ workspace, bundles }: BundlePlace): Promise<void> {
  const program = join(import.meta.dirname, 'write-bundles.ts');
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [program, workspace, bundles], {
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
