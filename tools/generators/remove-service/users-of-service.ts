import type { Tree } from '@nx/devkit';
import { exportsOf } from '../service/contracts-files.ts';
import { workspaceName } from '../source/names.ts';

/** What other files can use of a service. */
export interface ServiceTraces {
  readonly name: string;
  /** What `libs/contracts/src/NAME.ts` exports. */
  readonly exports: readonly string[];
  /** The types of its messages, such as `CardOpened`. */
  readonly messages: readonly string[];
  readonly topics: readonly string[];
}

const codeFolders = ['apps', 'libs', 'test', 'tools'];
const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'generators']);
const code = /\.(tsx?|mjs|py)$/;

/** Reads, before the removal, what others may use of the service. */
export function tracesOf(tree: Tree, name: string): ServiceTraces {
  const text = tree.read(`libs/contracts/src/${name}.ts`, 'utf8') ?? '';
  const all = (pattern: RegExp): readonly string[] =>
    [...text.matchAll(pattern)].map(([, found = '']) => found);
  return {
    name,
    exports: Object.values(exportsOf(tree, name)).flat(),
    messages: all(/^ {4}(\w+): z\./gm),
    topics: all(/ topic\(\s*'([\w.-]+)'/g),
  };
}

/** Lists the files that use the service, each with the first thing that it uses. */
export function usersOfService(tree: Tree, traces: ServiceTraces): readonly string[] {
  return filesBelow(tree, '').flatMap((path) => {
    const used = useIn({ path, text: tree.read(path, 'utf8') ?? '' }, traces, workspaceName(tree));
    return used === undefined ? [] : [`${path}: ${used}`];
  });
}

function filesBelow(tree: Tree, folder: string): readonly string[] {
  return tree.children(folder).flatMap((child) => {
    const path = folder === '' ? child : `${folder}/${child}`;
    if (tree.isFile(path)) return code.test(child) ? [path] : [];
    const isSkipped = skipped.has(child) || (folder === '' && !codeFolders.includes(child));
    return isSkipped ? [] : filesBelow(tree, path);
  });
}

function useIn(
  { path: file, text }: { readonly path: string; readonly text: string },
  { name, exports, messages, topics }: ServiceTraces,
  platform: string,
): string | undefined {
  const imports = [...text.matchAll(/(\{[^{}]*\}|\*)? from '([^']+)'/g)];
  const isContract = file.startsWith('libs/contracts/');
  const ownPath = new RegExp(
    `^@${platform}/${name}(/|$)|/apps/${name}/${isContract ? `|/${name}\\.ts$` : ''}`,
  );
  const path = imports.find(([, , specifier = '']) => ownPath.test(specifier))?.[2];
  const names = new Set(
    imports
      .filter(([, , from]) => from === `@${platform}/contracts`)
      .flatMap(([, imported = '']) => imported.match(/\w+/g) ?? []),
  );
  const words = new Set([...text.matchAll(/['"`]([\w.-]+)['"`]/g)].map(([, word = '']) => word));
  return (
    path ??
    exports.find((each) => names.has(each)) ??
    [...topics, ...messages].find((each) => words.has(each))
  );
}
