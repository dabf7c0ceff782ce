import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

/** Not ours, or made by a run. What the compiler wrote comes along: it spares the copy the compilation of what is not changed. */
const leftOut: ReadonlySet<string> = new Set(['node_modules', '.git', '.nx', '.millrace', 'tmp', 'coverage']);

export interface Ended {
  readonly code: number;
  /** Both outputs, as they came. */
  readonly output: string;
}

interface RunOptions {
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After which the program is killed; never where absent. */
  readonly timeoutMs?: number;
}

/** A fork to try things in: the workspace's files as they are now, in a temporary folder, with the packages of the workspace. */
export class WorkspaceCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(name = 'fork'): Promise<WorkspaceCopy> {
    const folder = await mkdtemp(join(tmpdir(), `millrace-${name}-`));
    await chmod(folder, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
    await cp(workspace, folder, {
      recursive: true,
      preserveTimestamps: true,
      filter: (source) => source === workspace || !leftOut.has(basename(source)),
    });
    await linkPackages(folder);
    return new WorkspaceCopy(folder);
  }

  /** Runs a program of `node_modules/.bin`, or any other, in a folder of the copy. Rejects only when it cannot be started. */
  run(command: string, args: readonly string[], { folder = '', env = {}, timeoutMs }: RunOptions = {}) {
    const { NODE_OPTIONS: _jestOnly, MILLRACE_TEST_COUNTS: _ofThisRun, ...inherited } = process.env;
    const path = `${join(this.folder, 'node_modules/.bin')}:${process.env.PATH}`;
    // Without the ceiling, git would take a repository around the temporary folder for the copy's own.
    const child = spawn(command, [...args], {
      cwd: join(this.folder, folder),
      env: { ...inherited, PATH: path, GIT_CEILING_DIRECTORIES: dirname(this.folder), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk));
    return new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }));
    });
  }

  /** Runs the tests of some files of one project, as `nx run` does. */
  async jest(project: string, ...files: readonly string[]): Promise<Ended> {
    const program = join(this.folder, 'node_modules/jest/bin/jest.js');
    const source = `@${await packageName(this.folder)}/source`;
    const env = {
      NODE_OPTIONS: `--experimental-vm-modules --conditions=${source} --no-warnings`,
      CI: 'true',
      FORCE_COLOR: '0',
    };
    return this.run(process.execPath, [program, '-c', 'jest.config.mjs', '--runTestsByPath', ...files], {
      folder: project,
      env,
    });
  }

  /** As `npm install` does when packages have other names. */
  linkProjects(): Promise<void> {
    return linkProjects(this.folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Packages of the registry are the workspace's; those of the workspace are the copy's, which `npm install` would link in this way. */
async function linkPackages(folder: string): Promise<void> {
  const from = join(workspace, 'node_modules');
  const to = join(folder, 'node_modules');
  const ownScope = dirname(await packageName(join(workspace, 'libs/contracts')));
  await mkdir(to);
  const names = (await readdir(from)).filter((name) => name !== ownScope && name !== '.cache');
  await Promise.all(names.map((name) => symlink(join(from, name), join(to, name))));
  await linkProjects(folder);
}

async function linkProjects(folder: string): Promise<void> {
  for (const group of ['apps', 'libs', 'test'])
    for (const name of await readdir(join(folder, group))) {
      const project = join(folder, group, name);
      const link = join(folder, 'node_modules', await packageName(project));
      await mkdir(dirname(link), { recursive: true });
      await symlink(project, link);
    }
}

const packageName = async (project: string): Promise<string> =>
  (JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { readonly name: string }).name;
