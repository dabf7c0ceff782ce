import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { workspace } from '../workspace.ts';
import type { LongRun } from './long-run.ts';

/** Files that every run of Node, npm or Nx opens and that no target's result depends on. */
const alwaysOpened = /^(\.env|\.gitignore|\.nvmrc|nx\.json|\.git\/.*|tsconfig\.json)$/;

/**
 * Targets that copy the whole workspace and so open every file. The programs in the copy read only
 * declared files. Documents are not among these inputs, so that a changed page does not rerun them
 * for minutes.
 */
const copiesTheWorkspace = /^@millrace\/(forking:test-ci|mutants:mutants|containers:(test-ci|verify-kafka))$/;
const neverReadInTheCopy = /^(docs\/.*|[^/]*\.md|.*\/README\.md|deploy\/.*|\.ci\/.*|test\/.*|tools\/.*)$/;
/** No mutant is in these, and no test that has to notice one reads them. */
const withoutMutants = /^(apps\/(console|connect|registry)|libs\/(connect|schema-registry))\//;

interface Target {
  readonly project: string;
  readonly name: string;
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs targets under strace and compares the files that they open with their declared inputs. */
export const inputs: LongRun = {
  summary:
    '[--target PART OF A NAME]: files that a cached target opens without declaring them; Linux, with strace',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { target: { type: 'string', default: '' } },
    });
    const targets = cachedTargets().filter(({ project, name }) =>
      `${project}:${name}`.includes(values.target),
    );
    if (targets.length === 0) throw new Error(`no cached target has "${values.target}" in its name`);
    let failed = 0;
    for (const target of targets) if (!isComplete(target)) failed += 1;
    process.stdout.write(`${targets.length - failed} passed, ${failed} failed\n`);
    return failed === 0;
  },
};

/** Runs Nx with its output in a file, since Nx exits before a pipe has taken more than 64 KB. */
function nx(...args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-nx-'));
  const output = openSync(join(folder, 'output'), 'w');
  try {
    const { stderr, status } = spawnSync('nx', [...args], {
      cwd: workspace,
      stdio: ['ignore', output, 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`nx ${args.join(' ')}: ${stderr}`);
    return readFileSync(join(folder, 'output'), 'utf8');
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Configuration {
  readonly root: string;
  readonly targets: Readonly<
    Record<
      string,
      {
        readonly cache?: boolean;
        readonly options: {
          readonly command: string;
          readonly env?: Readonly<Record<string, string>>;
        };
      }
    >
  >;
}

/** The targets whose results Nx caches, except `build`, which leaves no result for CI to replay. */
function cachedTargets(): readonly Target[] {
  const projects = JSON.parse(nx('show', 'projects', '--json')) as readonly string[];
  return projects.flatMap((project) => {
    const { root, targets } = JSON.parse(nx('show', 'project', project, '--json')) as Configuration;
    return Object.entries(targets)
      .filter(([name, { cache }]) => cache === true && name !== 'build')
      .map(([name, { options }]) => ({
        project,
        name,
        command: options.command.replaceAll('{projectRoot}', root),
        environment: options.env ?? {},
      }));
  });
}

function isComplete({ project, name, command, environment }: Target): boolean {
  const target = `${project}:${name}`;
  const { files } = JSON.parse(nx('show', 'target', 'inputs', target, '--json')) as {
    readonly files: readonly string[];
  };
  const declared = new Set(files);
  const { opened, succeeded } = openedBy(command, environment);
  const missing = [...opened].filter((file) => !declared.has(file) && !isOnlyCopied(target, file));
  const unused = files.filter((file) => !opened.has(file)).length;
  const verdict = missing.length === 0 && succeeded ? 'ok    ' : 'FAILED';
  process.stdout.write(
    `${verdict} ${target}: opens ${opened.size} tracked files, declares ${declared.size}, ` +
      `of which it did not open ${unused}${succeeded ? '' : '; the target itself failed'}\n`,
  );
  for (const file of missing) process.stdout.write(`         opens ${file}, which is not among its inputs\n`);
  return missing.length === 0 && succeeded;
}

const isOnlyCopied = (target: string, file: string): boolean =>
  copiesTheWorkspace.test(target) &&
  (neverReadInTheCopy.test(file) || (target === '@millrace/mutants:mutants' && withoutMutants.test(file)));

/** The tracked files that the target or one of its child processes opens for reading. */
function openedBy(
  command: string,
  environment: Readonly<Record<string, string>>,
): { readonly opened: ReadonlySet<string>; readonly succeeded: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-inputs-'));
  const trace = join(folder, 'trace');
  try {
    const calls = ['--seccomp-bpf', '--trace=openat,open,execve', '--status=successful'];
    // Nx is left out here, since it reads every project's configuration itself. Without bundles,
    // programs open their sources.
    const { status, error } = spawnSync(
      'strace',
      ['--follow-forks', '--quiet=all', ...calls, '--output', trace, 'sh', '-c', command],
      {
        cwd: workspace,
        stdio: 'ignore',
        env: { ...process.env, CI: 'true', MILLRACE_BUNDLE: 'off', ...environment },
      },
    );
    if (error !== undefined) throw error;
    return { opened: trackedFilesIn(readFileSync(trace, 'latin1')), succeeded: status === 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const tracked: ReadonlySet<string> = new Set(
  spawnSync('git', ['ls-files', '-z'], { cwd: workspace, encoding: 'utf8' })
    .stdout.split('\0')
    .filter((file) => file !== ''),
);

function trackedFilesIn(trace: string): ReadonlySet<string> {
  const files = new Set<string>();
  for (const [, path = ''] of trace.matchAll(/(?:open|openat|execve)\((?:[^",]*, )?"([^"]+)"/g)) {
    const file = path.startsWith('/') ? relative(workspace, path) : path;
    if (tracked.has(file) && !alwaysOpened.test(file)) files.add(file);
  }
  return files;
}
