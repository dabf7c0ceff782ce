import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Group } from './groups.ts';

export type Compile = (file: string, source: string) => string;

const ownPlace = /\bimport\.meta\.(?:dirname|filename|url)\b|(?<![\w$.])__(?:dirname|filename)\b/g;

/** Matches a module's own `require`, which would load a second copy of a package in the bundle. */
const ownRequire = /^const require = createRequire\(import\.meta\.url\);$/m;

/**
 * Loads modules for a bundle, which is a single file elsewhere: a module that asks for its own place
 * gets the one that it has now. TypeScript is compiled with SWC, which emits the types of
 * constructor parameters that Nest injects. Native modules stay where they are. The entry of a group
 * exports a function for each program, which evaluates it.
 */
export function loadSources(compile: Compile, workspace: string, groups: readonly Group[]): Plugin {
  return {
    name: 'load-sources',
    setup(build) {
      build.onResolve({ filter: /^group:/ }, ({ path }) => ({ path: path.slice(6), namespace: 'group' }));
      build.onLoad({ filter: /.*/, namespace: 'group' }, ({ path }) => {
        const programs = groups.find(({ name }) => name === path)?.programs ?? [];
        const entries = programs.map((program) => `'${program}': () => import('./${program}')`);
        return { contents: `export const programs = { ${entries.join(', ')} };`, resolveDir: workspace };
      });
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        try {
          const contents = inPlace(path, compile(path, readFileSync(path, 'utf8')));
          return { contents, loader: 'js' };
        } catch (error) {
          return { errors: [{ text: (error as Error).message, location: { file: path, line: 1 } }] };
        }
      });
      build.onLoad({ filter: /\.[cm]?js$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const placed = inPlace(path, source.replace(ownRequire, ''));
        return placed === source ? undefined : { contents: placed, loader: 'js' };
      });
      build.onLoad({ filter: /\.node$/ }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
        loader: 'js',
      }));
      build.onResolve({ filter: /^\/.*\.node$/ }, ({ path }) => ({ path, external: true }));
    },
  };
}

function inPlace(path: string, source: string): string {
  const places: Readonly<Record<string, string>> = {
    'import.meta.dirname': dirname(path),
    'import.meta.filename': path,
    'import.meta.url': pathToFileURL(path).href,
    __dirname: dirname(path),
    __filename: path,
  };
  return source.replace(ownPlace, (asked) => JSON.stringify(places[asked]));
}
