import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The release before, which is in production when this one is deployed. It must need the same
 * packages. Nothing has been released yet, so it is the baseline: the commit with which the history
 * of migrations, saga versions and data formats begins.
 */
const previousCommit = '0e9d6699a68dbcb5318070c8282ce9b5c079c85a';

export interface Release {
  readonly name: 'old' | 'new';
  readonly workspace: string;
}

export const newRelease: Release = { name: 'new', workspace: join(import.meta.dirname, '../../..') };

/**
 * Checks out the previous release into a temporary folder, linked to the packages of this
 * workspace. `remove` deletes it.
 */
export async function checkOutPrevious(): Promise<{ readonly release: Release; remove(): Promise<void> }> {
  await assertCommitIsHere();
  const workspace = await mkdtemp(join(tmpdir(), 'millrace-previous-'));
  const remove = () => rm(workspace, { recursive: true, force: true });
  try {
    // When root runs this, PostgreSQL runs as another user, which needs access.
    await chmod(workspace, 0o755);
    await extract(workspace);
    assertSamePackages(workspace);
    await linkPackages(workspace);
    return { release: { name: 'old', workspace }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function assertCommitIsHere(): Promise<void> {
  await promisify(execFile)('git', ['cat-file', '-e', `${previousCommit}^{commit}`], {
    cwd: newRelease.workspace,
  }).catch((cause: { readonly stderr?: unknown }) => {
    throw new Error(
      `the previous release, commit ${previousCommit}, is not in this clone (git says: ` +
        `${String(cause.stderr).trim()}): run \`git fetch --unshallow\`, ` +
        `or \`git fetch origin ${previousCommit}\``,
      { cause },
    );
  });
}

async function extract(workspace: string): Promise<void> {
  const archive = spawn('git', ['archive', '--format=tar', previousCommit], {
    cwd: newRelease.workspace,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const unpack = spawn('tar', ['-x', '-C', workspace], { stdio: [archive.stdout, 'ignore', 'inherit'] });
  const codes = await Promise.all(
    [archive, unpack].map(async (child) => (await once(child, 'exit'))[0] as number | null),
  );
  if (codes.some((code) => code !== 0))
    throw new Error(`\`git archive ${previousCommit} | tar -x\` failed in ${workspace}`);
}

type Dependencies = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies: Dependencies;
  readonly devDependencies: Dependencies;
}

/** A package that only tests need by now is still installed here. */
function assertSamePackages(workspace: string): void {
  const before = manifestOf(workspace).dependencies;
  const { dependencies, devDependencies } = manifestOf(newRelease.workspace);
  const now = { ...devDependencies, ...dependencies };
  const other = Object.entries(before).filter(([name, version]) => now[name] !== version);
  if (other.length > 0)
    throw new Error(
      'the previous release needs other packages ' +
        `(${other.map(([name, version]) => `${name} ${version}, here ${now[name] ?? 'none'}`).join('; ')}): ` +
        'pin a later commit in test/operations, or let it install its own',
    );
}

const manifestOf = (workspace: string): Manifest =>
  JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as Manifest;

async function linkPackages(workspace: string): Promise<void> {
  const [from, to] = [newRelease, { workspace }].map((release) =>
    join(release.workspace, 'node_modules'),
  ) as [string, string];
  const scope = '@millrace';
  await mkdir(join(to, scope), { recursive: true });
  const foreign = (await readdir(from)).filter((name) => name !== scope && !name.startsWith('.'));
  await Promise.all(foreign.map((name) => symlink(join(from, name), join(to, name))));
  for (const group of ['apps', 'libs'])
    for (const name of await readdir(join(workspace, group)))
      if (existsSync(join(workspace, group, name, 'package.json')))
        await symlink(join(workspace, group, name), join(to, scope, basename(name)));
}
