/**
 * `npm run rename -- NAME` renames a fork everywhere: packages, files, settings, databases, message
 * sources and documents.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { git } from '../git.ts';
import { workspace } from '../workspace.ts';

/** The licence keeps the names of its authors. */
const kept: ReadonlySet<string> = new Set(['LICENSE']);

/** The spellings to rename, as in `@millrace/order`, `MILLRACE_DATA` and `Millrace`. */
const spellings = [
  (name: string) => name,
  (name: string) => name.toUpperCase(),
  (name: string) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
];

/** The files that git tracks, and new ones that it does not ignore. */
function files(): readonly string[] {
  const { done, stdout, output } = git(
    workspace,
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '-z',
  );
  if (!done) throw new Error(`git cannot list the files: ${output.trim()}`);
  return [...new Set(stdout.split('\0'))].filter((path) => path !== '' && !kept.has(basename(path)));
}

const respell = (text: string, from: string, to: string): string =>
  spellings.reduce((changed, spell) => changed.replaceAll(spell(from), spell(to)), text);

function rename(path: string, from: string, to: string): boolean {
  const file = join(workspace, path);
  const before = readFileSync(file, 'utf8');
  const after = respell(before, from, to);
  if (after !== before) writeFileSync(file, after);
  const newPath = respell(path, from, to);
  if (newPath !== path) move(file, join(workspace, newPath));
  return after !== before || newPath !== path;
}

/** Moves a file, and removes the folders that this leaves empty. */
function move(file: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  renameSync(file, target);
  for (let folder = dirname(file); readdirSync(folder).length === 0; folder = dirname(folder))
    rmdirSync(folder);
}

function main([to = '', ...rest]: readonly string[]): void {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(to) || rest.length > 0)
    throw new Error(
      'give a new name: npm run rename -- NAME, with 2 to 31 lower-case letters and digits, beginning with a letter',
    );
  const { name: from } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
    readonly name: string;
  };
  const changed = files().filter((path) => rename(path, from, to)).length;
  console.log(
    `renamed ${from} to ${to} in ${changed} files. Next: npm install && npx prettier --write . && npm test`,
  );
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`rename: ${(error as Error).message}`);
  process.exitCode = 1;
}
