import type { Tree } from '@nx/devkit';

/** Changes a file of the workspace. An error of the change is completed with the path. */
export function editFile(tree: Tree, path: string, change: (text: string) => string): void {
  const text = tree.read(path, 'utf8');
  if (text === null) throw new Error(`${path} does not exist`);
  let changed: string;
  try {
    changed = change(text);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
  if (changed !== text) tree.write(path, changed);
}

/** Inserts lines after the last line that matches. */
export function insertAfterLast(text: string, line: RegExp, inserted: string): string {
  const lines = text.split('\n');
  const index = lines.findLastIndex((each) => line.test(each));
  if (index < 0) throw new Error(`has no line like ${line.source}, after which to insert ${inserted.trim()}`);
  return [...lines.slice(0, index + 1), inserted, ...lines.slice(index + 1)].join('\n');
}

/** Inserts lines before the first line that matches. */
export function insertBeforeFirst(text: string, line: RegExp, inserted: string): string {
  const lines = text.split('\n');
  const index = lines.findIndex((each) => line.test(each));
  if (index < 0)
    throw new Error(`has no line like ${line.source}, before which to insert ${inserted.trim()}`);
  return [...lines.slice(0, index), inserted, ...lines.slice(index)].join('\n');
}

/** Removes every line that matches. */
export const withoutLines = (text: string, line: RegExp): string =>
  text
    .split('\n')
    .filter((each) => !line.test(each))
    .join('\n');
