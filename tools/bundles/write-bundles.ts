/**
 * `node tools/bundles/write-bundles.ts WORKSPACE BUNDLES GROUP...` makes the bundles of these groups.
 * It runs in its own process, so that a program does not keep the memory that bundling takes.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, stop, type BuildFailure, type Metafile, type Plugin } from 'esbuild';
import { classNamesIn, nameHelper, restoreClassNames } from './class-names.ts';
import { compact } from './compact.ts';
import { groupsOf, type Group } from './groups.ts';
import { inputFiles } from './input-files.ts';
import { readInput, type BundlePlace } from './kept-bundle.ts';
import { loadSources, type Compile } from './load-sources.ts';
import { nodeBundle } from './node-bundle.ts';
import { optionalPackages } from './optional-packages.ts';
import { cacheLimits, removeOldBundles } from './remove-old-bundles.ts';
import { storeBundle, type BuiltBundle } from './store-bundle.ts';

const attemptsMax = 3;
/** The times of files may be this much behind the clock. */
const fileTimeLagMs = 20;

/**
 * Packages that another loads by a computed name, as TypeORM does its driver. If they were in the
 * bundle, a process would have two of them.
 */
const loadedByName = ['pg'];

const entryNamespace = 'group';
const requireHelper =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/** Bundles all groups at once, so that their common modules are parsed once. */
async function bundle(place: BundlePlace, groups: readonly Group[]): Promise<void> {
  // A cache that cannot be written fails here, before the work.
  for (const { name } of groups) mkdirSync(join(place.bundles, name), { recursive: true });
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const startedAt = Date.now();
    const built = await buildGroups(place, groups);
    const paths = new Set([...built.values()].flatMap(({ inputs }) => inputs.map(([path]) => path)));
    const changed = [...paths].find(
      (path) => statSync(join(place.workspace, path)).ctimeMs > startedAt - fileTimeLagMs,
    );
    if (changed !== undefined && attempt < attemptsMax) continue;
    if (changed !== undefined) throw new Error(`${changed} changes while it is bundled`);
    for (const [group, each] of built) storeBundle(place, group, each);
    return boundCache(place);
  }
}

function boundCache({ bundles }: BundlePlace): void {
  try {
    removeOldBundles(bundles, cacheLimits, Date.now());
  } catch {
    // Another process deletes or renames the same folders. The next bundle bounds the cache again.
  }
}

async function buildGroups(
  { workspace, bundles }: BundlePlace,
  groups: readonly Group[],
): Promise<ReadonlyMap<Group, BuiltBundle>> {
  const { compile } = (await import('../typescript/compile.mjs' as string)) as { readonly compile: Compile };
  const { outputFiles, metafile } = await build({
    ...nodeBundle,
    absWorkingDir: workspace,
    entryPoints: groups.map(({ name }) => ({ in: `${entryNamespace}:${name}`, out: `${name}/main` })),
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    plugins: [groupEntries(workspace, groups), loadSources(compile)],
    external: [...loadedByName, ...optionalPackages(workspace)],
    banner: { js: requireHelper + nameHelper },
    tsconfigRaw: {},
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const textOf = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const built = groups.map(async (group): Promise<[Group, BuiltBundle]> => {
    const mapFolder = join(bundles, group.name);
    const printed = textOf.get(join(mapFolder, 'main.mjs')) ?? '';
    const map = textOf.get(join(mapFolder, 'main.mjs.map')) ?? '';
    const { inputs, code } = withNames(workspace, metafile, group, printed);
    return [group, { inputs, ...(await compact({ code, map })), mapFolder }];
  });
  return new Map(await Promise.all(built));
}

function withNames(
  workspace: string,
  metafile: Metafile,
  { name }: Group,
  code: string,
): Pick<BuiltBundle, 'inputs' | 'code'> {
  const files = inputFiles(workspace, metafile, `${entryNamespace}:${name}`);
  const declared = files.flatMap((file) => classNamesIn(readFileSync(join(workspace, file), 'utf8')));
  return {
    inputs: files.map((file) => readInput(workspace, file)),
    code: restoreClassNames(code, new Set(declared)),
  };
}

/** The entry of a group is a module that exports a function for each program, which evaluates it. */
const groupEntries = (workspace: string, groups: readonly Group[]): Plugin => ({
  name: 'group-entries',
  setup(esbuild) {
    const prefix = new RegExp(`^${entryNamespace}:`);
    esbuild.onResolve({ filter: prefix }, ({ path }) => ({
      path: path.replace(prefix, ''),
      namespace: entryNamespace,
    }));
    esbuild.onLoad({ filter: /.*/, namespace: entryNamespace }, ({ path }) => ({
      contents: entryOf(groups.find(({ name }) => name === path)?.programs ?? []),
      resolveDir: workspace,
    }));
  },
});

const entryOf = (programs: readonly string[]): string =>
  `export const programs = {
${programs.map((program) => `  ${JSON.stringify(program)}: () => import(${JSON.stringify(`./${program}`)}),`).join('\n')}
};`;

/** Takes the bundler's first error, with its place. */
function reasonOf(error: Error | BuildFailure): string {
  const first = 'errors' in error ? error.errors[0] : undefined;
  if (first === undefined) return error.message;
  const { location, text } = first;
  return [...(location === null ? [] : [`${location.file}:${location.line}`]), text.trim()].join(': ');
}

const [workspace = '', bundles = '', ...names] = process.argv.slice(2);
try {
  await bundle(
    { workspace, bundles, node: process.version },
    groupsOf(workspace).filter(({ name }) => names.includes(name)),
  );
} catch (error) {
  process.stderr.write(reasonOf(error as Error | BuildFailure));
  process.exitCode = 1;
} finally {
  await stop();
}
