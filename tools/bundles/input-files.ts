import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * Lists everything that a bundle depends on, relative to the workspace: all modules that its entry
 * can reach, the manifests by which they were found, the installed versions, and the bundler with
 * its settings.
 */
export function inputFiles(workspace: string, { inputs }: Metafile, entry: string): readonly string[] {
  const modules = new Set<string>();
  const waiting = [entry];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (modules.has(module)) continue;
    modules.add(module);
    waiting.push(
      ...(inputs[module]?.imports ?? []).filter(({ external }) => !external).map(({ path }) => path),
    );
  }
  modules.delete(entry);
  const files = [...modules].map((module) => module.replace(/^\(disabled\):/, ''));
  const manifests = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'];
  return [
    ...new Set([
      ...files,
      ...manifestsAbove(workspace, files),
      ...manifests.filter((file) => existsSync(join(workspace, file))),
      ...bundlerFiles().map((file) => relative(workspace, file)),
    ]),
  ].sort();
}

/** The `package.json` files of the folders that contain these files, up to the package's own. */
function manifestsAbove(workspace: string, files: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const file of files)
    for (
      let folder = dirname(resolve(workspace, file));
      !folders.has(folder) && folder !== workspace && !folder.endsWith('/node_modules');
      folder = dirname(folder)
    ) {
      if (folder === dirname(folder)) break;
      folders.add(folder);
    }
  return [...folders]
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(file))
    .map((file) => relative(workspace, file));
}

/** The files of the bundler: these, the compiler's options, and the versions of esbuild and SWC. */
function bundlerFiles(): readonly string[] {
  const own = readdirSync(import.meta.dirname).filter((name) => /(?<!\.spec)\.ts$/.test(name));
  const compiler = join(import.meta.dirname, '../typescript');
  return [
    ...own.map((name) => join(import.meta.dirname, name)),
    ...['compile.mjs', 'swc-options.mjs'].map((name) => join(compiler, name)),
    ...['esbuild', '@swc/core'].map((name) => require.resolve(`${name}/package.json`)),
  ];
}
