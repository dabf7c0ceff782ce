/**
 * `node tools/bundles/write-bundles.ts WORKSPACE BUNDLES` makes the bundles of all programs in
 * `apps/`. It runs in its own process, so that a program does not keep the memory that this takes.
 */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { build, stop, type BuildFailure, type Metafile } from 'esbuild';
import { appsWithPage, bundlePage, pageSource } from '../build/page-bundle.ts';
import { classNamesIn, compact, nameHelper, restoreClassNames } from './compact.ts';
import { groupsOf } from './groups.ts';
import { keepBundles, removeOldBundles, stateOf, type BundlePlace, type FileState } from './kept-bundles.ts';
import { loadSources, type Compile } from './load-sources.ts';
import { nodeBundle } from './node-bundle.ts';
import { positionsFile, positionTable, sourcesFile } from './original-positions.ts';

const require = createRequire(import.meta.url);
const attemptsMax = 3;
/** The times of files may be this much behind the clock. */
const fileTimeLagMs = 20;

/**
 * Packages that another loads by a computed name, as TypeORM does its driver: if they were in the
 * bundle, a process would have two of them. Or packages that few processes load, but that TypeORM
 * names, and so would bring into the bundle of every service.
 */
const loadedFromPackages = ['pg', 'redis'];

const requireHelper =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/** Makes all bundles at once, so that their common modules are parsed once. */
async function makeBundles(place: BundlePlace): Promise<void> {
  const folder = randomUUID();
  const target = join(place.bundles, folder);
  mkdirSync(target, { recursive: true }); // a cache that cannot be written fails here, before the work
  try {
    const { inputs, files } = await writeUnchanged(place.workspace, target);
    // Through this link, Node finds the packages that are not in a bundle.
    symlinkSync(join(place.workspace, 'node_modules'), join(target, 'node_modules'));
    keepBundles(place, folder, files, inputs);
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the bundles again if an input changed meanwhile, since they may have been made from either state. */
async function writeUnchanged(workspace: string, target: string) {
  for (let attempt = 1; ; attempt += 1) {
    const startedAt = Date.now();
    const { inputs, files } = await writeBundles(workspace, target);
    const changed = inputs.find(([, , changedMs]) => changedMs > startedAt - fileTimeLagMs);
    if (changed === undefined) return { inputs, files };
    if (attempt === attemptsMax) throw new Error(`${changed[0]} changes while it is bundled`);
  }
}

async function writeBundles(
  workspace: string,
  target: string,
): Promise<{ readonly inputs: readonly FileState[]; readonly files: readonly string[] }> {
  const { compile } = (await import('../typescript/compile.mjs' as string)) as { readonly compile: Compile };
  const groups = groupsOf(workspace);
  const { outputFiles, metafile } = await build({
    ...nodeBundle,
    absWorkingDir: workspace,
    entryPoints: groups.map(({ name }) => ({ in: `group:${name}`, out: `${name}/main` })),
    outdir: target,
    outExtension: { '.js': '.mjs' },
    plugins: [loadSources(compile, workspace, groups)],
    external: [...loadedFromPackages, ...optionalPackages(workspace)],
    banner: { js: requireHelper + nameHelper },
    tsconfigRaw: {},
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const pages = appsWithPage(workspace);
  const made = await Promise.all(pages.map((app) => bundlePage(workspace, app, join(target, app, 'page'))));
  const inputs = inputFiles(workspace, [metafile, ...made]);
  const declared = new Set(
    inputs
      .filter((file) => /\.([cm]?js|ts)$/.test(file))
      .flatMap((file) => classNamesIn(readFileSync(join(workspace, file), 'utf8'))),
  );
  const textOf = new Map(outputFiles.map(({ path, text }) => [path, text]));
  for (const { name } of groups) {
    const bundle = join(target, name);
    const main = join(bundle, 'main.mjs');
    const printed = restoreClassNames(textOf.get(main) ?? '', declared);
    const { code, map } = await compact({ code: printed, map: textOf.get(`${main}.map`) ?? '' });
    const { sources, mappings } = JSON.parse(map) as {
      readonly sources: readonly string[];
      readonly mappings: string;
    };
    mkdirSync(bundle, { recursive: true });
    writeFileSync(main, code);
    writeFileSync(positionsFile(bundle), positionTable(mappings));
    writeFileSync(sourcesFile(bundle), JSON.stringify(sources.map((source) => resolve(bundle, source))));
  }
  return {
    inputs: inputs.map((path) => stateOf(workspace, path)),
    files: [
      ...groups.map(({ name }) => join(name, 'main.mjs')),
      ...pages.map((app) => join(app, 'page', 'index.html')),
    ],
  };
}

interface Manifest {
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * Lists the packages that others can do without (TypeORM's drivers, Nest's adapters) and that
 * nothing depends on. A bundle leaves them out. An import finds them in node_modules if they are
 * installed.
 */
function optionalPackages(workspace: string): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(workspace, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Manifest>>;
  };
  const needed = new Set<string>();
  const optional = new Set<string>();
  for (const { dependencies, optionalDependencies, peerDependenciesMeta = {} } of Object.values(packages)) {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) needed.add(name);
    for (const [name, meta] of Object.entries(peerDependenciesMeta)) if (meta.optional) optional.add(name);
  }
  return [...optional].filter((name) => !needed.has(name));
}

/**
 * Lists all that bundles depend on, relative to the workspace: their modules, the manifests by
 * which these were found, the installed versions, and the bundler with its settings.
 */
function inputFiles(workspace: string, made: readonly Metafile[]): readonly string[] {
  const modules = made
    .flatMap(({ inputs }) => Object.keys(inputs))
    .filter((module) => !module.startsWith('group:'))
    .map((module) => module.replace(/^\(disabled\):/, ''));
  const folders = new Set<string>();
  for (const module of modules)
    for (
      let folder = dirname(resolve(workspace, module));
      !folders.has(folder) && !/\/node_modules$/.test(folder) && folder !== dirname(folder);
      folder = dirname(folder)
    )
      folders.add(folder);
  const bundler = [
    ...readdirSync(import.meta.dirname)
      .filter((name) => /(?<!\.spec)\.ts$/.test(name))
      .map((name) => join(import.meta.dirname, name)),
    join(import.meta.dirname, '../build/page-bundle.ts'),
    ...pageFilesIn(workspace),
    ...['compile.mjs', 'swc-options.mjs'].map((name) => join(import.meta.dirname, '../typescript', name)),
    ...['esbuild', '@swc/core'].map((name) => require.resolve(`${name}/package.json`)),
  ];
  const manifests = [...folders].map((folder) => join(folder, 'package.json'));
  const versions = ['package-lock.json', 'node_modules/.package-lock.json'].map((file) =>
    join(workspace, file),
  );
  const others = [...manifests, ...versions].filter((file) => existsSync(file));
  return [
    ...new Set([...modules, ...[...others, ...bundler].map((file) => relative(workspace, file))]),
  ].sort();
}

/** The files of pages that are copied and not bundled. */
const pageFilesIn = (workspace: string): readonly string[] =>
  appsWithPage(workspace).flatMap((app) =>
    ['index.html', 'icon.svg'].map((file) => join(pageSource(workspace, app), file)),
  );

/** Takes the bundler's first error, with its place. */
function reasonOf(error: Error | BuildFailure): string {
  const first = 'errors' in error ? error.errors[0] : undefined;
  if (first === undefined) return error.message;
  const { location, text } = first;
  return [...(location === null ? [] : [`${location.file}:${location.line}`]), text.trim()].join(': ');
}

const [workspace = '', bundles = ''] = process.argv.slice(2);
try {
  await makeBundles({ workspace, bundles, node: process.version });
  removeOldBundles(bundles);
} catch (error) {
  process.stderr.write(reasonOf(error as Error | BuildFailure));
  process.exitCode = 1;
} finally {
  await stop();
}
