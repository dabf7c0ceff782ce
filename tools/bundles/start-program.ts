import { existsSync, realpathSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder } from '../ci/cache.ts';
import { workspace } from '../workspace.ts';
import { groupsOf } from './groups.ts';
import { findBundles } from './make-bundles.ts';
import { mapStackTraces } from './original-positions.ts';

/**
 * Runs a program from the bundle of its group, which is made first if an input has changed. Runs it
 * from source if it is not in `apps/`, if `MILLRACE_BUNDLE` is `off`, or if no bundle can be made.
 */
export async function startProgram(file: string): Promise<void> {
  const program = relative(workspace, realpathSync(file));
  const found = wantsBundles(process.env.MILLRACE_BUNDLE) ? await findBundle(program) : undefined;
  if (found === undefined) return runFromSource(file);
  const { bundle, page } = found;
  const main = pathToFileURL(join(bundle, 'main.mjs')).href;
  mapStackTraces(main, bundle);
  if (existsSync(page)) process.env.PAGE_FOLDER ||= page;
  const { programs } = (await import(main)) as { programs: Record<string, () => Promise<unknown>> };
  await programs[program]?.();
  // Writes V8's compiled code now, because a process that is killed writes nothing.
  flushCompileCache();
}

function wantsBundles(setting = ''): boolean {
  if (!['', 'on', 'off'].includes(setting)) {
    process.stderr.write('MILLRACE_BUNDLE must be on or off\n');
    process.exit(1);
  }
  return setting !== 'off';
}

interface FoundBundle {
  /** The folder of the program's group. */
  readonly bundle: string;
  /** The folder of the page of its app, if the app has one. */
  readonly page: string;
}

async function findBundle(program: string): Promise<FoundBundle | undefined> {
  const group = groupsOf(workspace).find(({ programs }) => programs.includes(program));
  if (group === undefined) return undefined;
  const place = { workspace, bundles: join(cacheFolder, 'bundles'), node: process.version };
  const bundles = await findBundles(place, (line) => process.stderr.write(`${line}\n`));
  const [, app = ''] = program.split('/');
  return bundles === undefined
    ? undefined
    : { bundle: join(bundles, group.name), page: join(bundles, app, 'page') };
}

async function runFromSource(file: string): Promise<void> {
  await import('../typescript/source-condition.mjs' as string);
  await import('../typescript/register.mjs' as string);
  await import(pathToFileURL(file).href);
}
