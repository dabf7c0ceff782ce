import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

/** Folders that are not ours or that a run creates. */
const foreignFolders: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'tmp',
  'coverage',
  '.git',
  '.nx',
]);

/** The paths of the workspace's own files with this suffix, relative to its root and sorted. */
export function filesEndingIn(suffix: string, folder = ''): readonly string[] {
  return readdirSync(join(workspace, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return foreignFolders.has(entry.name) || entry.name.startsWith('.millrace')
          ? []
          : filesEndingIn(suffix, path);
      return path.endsWith(suffix) ? [path] : [];
    })
    .sort();
}

export const readText = (path: string): string => readFileSync(join(workspace, path), 'utf8');

export interface Project {
  /** The path from the root, such as `libs/saga`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const projects: readonly Project[] = ['apps', 'libs', 'test'].flatMap((group) =>
  filesEndingIn('package.json', group).map((path) => ({
    folder: relative('', join(path, '..')),
    manifest: JSON.parse(readText(path)) as Manifest,
  })),
);

/** The TypeScript files under `apps`, `libs` and `test`. */
export const sourcePaths: readonly string[] = projects.flatMap(({ folder }) =>
  ['.ts', '.tsx'].flatMap((suffix) => filesEndingIn(suffix, folder)),
);

/** Whether only tests load the file. */
export const isTest = (path: string): boolean =>
  /\.(spec|suite|fixture|fake|bench|program)\.tsx?$/.test(path) || path.startsWith('test/');
