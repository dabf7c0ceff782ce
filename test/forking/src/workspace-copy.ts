import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { linkPackages, linkProjects, packageName, workspace } from '@millrace/testing/link-packages';

export { workspace };

/**
 * Folders that are not copied: foreign code and the output of runs. Compiled output is copied, so
 * that the copy compiles only its changes.
 */
const leftOut: ReadonlySet<string> = new Set(['node_modules', '.git', '.nx', 'tmp', 'coverage']);

export interface Ended {
  readonly code: number;
  /** Standard output and standard error, in the order in which they came. */
  readonly output: string;
}

/** A program that has been started. */
export interface Running {
  readonly ended: Promise<Ended>;
  /**
   * Resolves with the output so far once the program has printed the text. Rejects if the program
   * ends before that.
   */
  prints(text: string): Promise<string>;
  interrupt(): void;
}

interface RunOptions {
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The time after which the program is killed; without it, there is no limit. */
  readonly timeoutMs?: number;
}

export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-${name}-`));
  // When root runs this, PostgreSQL runs as another user, which needs access.
  await chmod(folder, 0o755);
  return folder;
}

/**
 * A copy of the workspace's present files in a temporary folder, which uses the workspace's
 * packages.
 */
export class WorkspaceCopy {
  readonly folder: string;
  #settings: NodeJS.ProcessEnv = { MILLRACE_BUNDLE: 'off' };

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(name = 'fork'): Promise<WorkspaceCopy> {
    const folder = await temporaryFolder(name);
    // For 11,000 files, `cp` of node:fs/promises takes twice the CPU time of this.
    cpSync(workspace, folder, {
      recursive: true,
      preserveTimestamps: true,
      filter: (source) =>
        source === workspace || !(leftOut.has(basename(source)) || basename(source).startsWith('.millrace')),
    });
    linkPackages(folder);
    return new WorkspaceCopy(folder);
  }

  /** The project in a folder, which has its packages. */
  static at(folder: string): WorkspaceCopy {
    return new WorkspaceCopy(folder);
  }

  /**
   * Lets programs start from bundles that the copy keeps itself. Without it they start from source, which
   * takes less for a few starts.
   */
  startFromBundles(): void {
    const prefix = packageName(this.folder).toUpperCase();
    this.#settings = { [`${prefix}_BUNDLE`]: 'on', [`${prefix}_CACHE`]: join(this.folder, 'tmp/cache') };
  }

  /**
   * Runs a program in a folder of the copy, with `node_modules/.bin` on its path. Rejects only if
   * the program cannot be started.
   */
  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(command, args, options).ended;
  }

  /** Starts a program as `run` does, and does not wait for its end. */
  start(
    command: string,
    args: readonly string[],
    { folder = '', env = {}, timeoutMs }: RunOptions = {},
  ): Running {
    const { NODE_OPTIONS: _jestOnly, MILLRACE_TEST_COUNTS: _ofThisRun, ...others } = process.env;
    // Nx tells its tasks where the workspace is, and the copy is another one.
    const inherited = Object.fromEntries(Object.entries(others).filter(([name]) => !name.startsWith('NX_')));
    const path = `${join(this.folder, 'node_modules/.bin')}:${process.env.PATH}`;
    // Without the ceiling, git could use a repository above the temporary folder. By default Nx starts a
    // process per plugin, which doubles the CPU time of a generator.
    const own = {
      PATH: path,
      GIT_CEILING_DIRECTORIES: dirname(this.folder),
      NX_ISOLATE_PLUGINS: 'false',
      ...this.#settings,
    };
    const child = spawn(command, [...args], {
      cwd: join(this.folder, folder),
      env: { ...inherited, ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const output: Buffer[] = [];
    const outputText = () => Buffer.concat(output).toString();
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, output: outputText() }));
    });
    const prints = (text: string) =>
      new Promise<string>((resolve, reject) => {
        child.stdout.on('data', () => outputText().includes(text) && resolve(outputText()));
        ended.then(({ code }) => reject(new Error(`${command} ended with ${code}: ${outputText()}`)), reject);
      });
    return { ended, prints, interrupt: () => void child.kill('SIGINT') };
  }

  /**
   * Compiles some projects and what they need, or all of them. More checkers than one would each repeat a
   * part of the work, and CI has no cores for them.
   */
  compile(...projects: readonly string[]): Promise<Ended> {
    return this.run('tsc', ['-b', '--checkers', '1', '--pretty', 'false', ...projects]);
  }

  /** Runs some unit tests of one project, or all of them, as `nx run` does. */
  jest(project: string, ...files: readonly string[]): Promise<Ended> {
    return this.jestWith('jest.config.mjs', project, files);
  }

  /** Runs some tests of one project, or all of them, with one of its configurations of Jest. */
  async jestWith(config: string, project: string, files: readonly string[] = []): Promise<Ended> {
    const program = join(this.folder, 'node_modules/jest/bin/jest.js');
    const source = `@${packageName(this.folder)}/source`;
    const env = {
      NODE_OPTIONS: `--conditions=${source} --no-warnings`,
      CI: 'true',
      FORCE_COLOR: '0',
    };
    const chosen = files.length > 0 ? ['--runTestsByPath', ...files] : [];
    return this.run(process.execPath, [program, '-c', config, ...chosen], { folder: project, env });
  }

  /** Renames the fork, and links its projects under their new names, as `npm install` would. */
  async rename(name: string): Promise<void> {
    const scope = dirname(packageName(join(this.folder, 'libs/contracts')));
    await this.run('git', ['init', '--quiet']);
    const { code, output } = await this.run('npm', ['run', '--silent', 'rename', '--', name]);
    if (code !== 0) throw new Error(output);
    await rm(join(this.folder, 'node_modules', scope), { recursive: true });
    linkProjects(this.folder);
  }

  /** Commits all files to a repository of the copy's own. */
  async commit(): Promise<void> {
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    for (const args of [
      ['init', '--quiet'],
      ['add', '--all'],
      [...author, 'commit', '--quiet', '--message', 'the copy'],
    ]) {
      const { code, output } = await this.run('git', args);
      if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`);
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
