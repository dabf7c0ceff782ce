/**
 * `npm run new -- project NAME` makes a fork of this workspace: its tracked files under a name of
 * their own, in a folder and a git repository of their own.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { workspace } from '../workspace.ts';
import { git, mustGit } from '../git.ts';
import { emptyProject } from './empty/empty-project.ts';
import type { ChangeCopy, Variant } from './variant.ts';

const variants: readonly Variant[] = [emptyProject];

const usage = [
  'npm run new -- project NAME                a fork with every service of this workspace, in ../NAME',
  'npm run new -- project NAME --in FOLDER    in that folder, which must be new or empty',
  ...variants.map((each) => each.usage),
  '',
  'NAME has 2 to 31 lower-case letters and digits, and begins with a letter.',
].join('\n');

interface Wanted {
  readonly name: string;
  readonly folder: string;
  readonly changes: readonly ChangeCopy[];
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(variants.flatMap(({ options }) => Object.entries(options))),
      in: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help === true) return console.log(usage);
  const [name = '', ...others] = positionals;
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name) || others.length > 0) throw new Error(`give a name:\n${usage}`);
  // npm runs scripts in the workspace; INIT_CWD is where the person is.
  const folder = resolve(process.env.INIT_CWD ?? workspace, values.in ?? join(workspace, '..', name));
  refuseFolder(folder);
  refuseWithoutAuthor();
  const changes = await Promise.all(variants.map((each) => each.chosen(values)));
  try {
    await make({ name, folder, changes: changes.filter((each) => each !== undefined) });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const shown = relative(process.env.INIT_CWD ?? process.cwd(), folder) || '.';
  console.log(`${name} is in ${folder}. Next: cd ${shown} && npm ci && npm test`);
}

function refuseFolder(folder: string): void {
  if (!relative(workspace, folder).startsWith('..'))
    throw new Error(`--in ${folder}: choose a folder outside of ${workspace}`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`--in ${folder}: the folder is not empty; choose another one`);
}

/** Git refuses to commit without an author, after everything else would be done. */
function refuseWithoutAuthor(): void {
  if (!git(workspace, 'var', 'GIT_AUTHOR_IDENT').done)
    throw new Error(
      'git does not know whose commits these are: run `git config --global user.name NAME` and ' +
        '`git config --global user.email ADDRESS`',
    );
}

async function make({ name, folder, changes }: Wanted): Promise<void> {
  const source = mustGit(workspace, 'rev-parse', '--short=12', 'HEAD').trim();
  copyTrackedFiles(folder);
  for (const change of changes) await change(folder, source);
  writeFileSync(join(folder, 'CHANGELOG.md'), changelogOf(source));
  mustGit(folder, 'init', '--quiet', '--initial-branch', 'main');
  mustGit(folder, 'add', '--all');
  run(folder, process.execPath, 'tools/fork/rename.ts', name);
  mustGit(folder, 'add', '--all', '--intent-to-add');
  const renamed = mustGit(folder, 'diff', '--name-only', '--diff-filter=AM', '-z')
    .split('\0')
    .filter(Boolean);
  const prettier = join(workspace, 'node_modules/.bin/prettier');
  run(folder, prettier, '--write', '--ignore-unknown', '--log-level', 'warn', ...renamed);
  commit(folder, `feat: ${name}, a fork of commit ${source}`);
  if (!existsSync(join(folder, releaseFile))) return;
  namePreviousRelease(folder);
  commit(folder, 'test: the release before the next one is the fork itself');
}

/** Copies the files that git tracks as they are now, with changes that are not committed. */
function copyTrackedFiles(folder: string): void {
  for (const path of mustGit(workspace, 'ls-files', '-z').split('\0')) {
    if (path === '' || !existsSync(join(workspace, path))) continue;
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(workspace, path), target);
  }
}

/** The changes so far are those of another project. */
const changelogOf = (source: string): string => `# Changelog

The format follows [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## [Unreleased]

### ${new Date().toISOString().slice(0, 10)}

- The project begins as a fork of commit ${source}.
`;

/**
 * The tests of upgrades start the release before. The fork has no earlier history, so its own first
 * commit is that release.
 */
function namePreviousRelease(folder: string): void {
  const file = join(folder, releaseFile);
  const first = mustGit(folder, 'rev-parse', 'HEAD').trim();
  writeFileSync(file, withPreviousCommit(readFileSync(file, 'utf8'), first));
}

export const releaseFile = 'test/operations/src/release.ts';

export function withPreviousCommit(text: string, commit: string): string {
  const changed = text.replace(/^(const previousCommit = ')[0-9a-f]{40}(';)$/m, `$1${commit}$2`);
  if (changed === text) throw new Error(`${releaseFile} has no line "const previousCommit = '...';"`);
  return changed;
}

function commit(folder: string, message: string): void {
  mustGit(folder, 'add', '--all');
  mustGit(folder, 'commit', '--quiet', '--no-verify', '--message', message);
}

function run(folder: string, program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} in ${folder}:\n${stdout}${stderr}`);
}

/** Returns the exit code. */
export async function newProject(args: readonly string[]): Promise<number> {
  try {
    await main(args);
    return 0;
  } catch (error) {
    console.error(`new project: ${(error as Error).message}`);
    return 1;
  }
}
