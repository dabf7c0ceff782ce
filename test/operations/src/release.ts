import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** The release before this one: what is in production when this one comes. It needs the same packages. */
export const previousCommit = '103bbbfc072bf4cbc132f7d46a19eb1e1e0c68fb';

/** The workspace of a release: its files are run from there. */
export interface Release {
  readonly name: 'old' | 'new';
  readonly workspace: string;
}

export const newRelease: Release = { name: 'new', workspace: join(import.meta.dirname, '../../..') };

/** The previous release in a temporary folder, with the packages of this workspace where they are the same. `remove` deletes it. */
export async function checkOutPrevious(): Promise<{ readonly release: Release; remove(): Promise<void> }> {
  await assertCommitIsHere();
  const workspace = await mkdtemp(join(tmpdir(), 'millrace-previous-'));
  const remove = () => rm(workspace, { recursive: true, force: true });
  try {
    await chmod(workspace, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
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
      `the previous release, commit ${previousCommit}, is not in this clone (git says: ${String(cause.stderr).trim()}): run \`git fetch --unshallow\`, or \`git fetch origin ${previousCommit}\``,
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

function assertSamePackages(workspace: string): void {
  const before = dependenciesOf(workspace);
  const now = dependenciesOf(newRelease.workspace);
  const other = Object.entries(before).filter(([name, version]) => now[name] !== version);
  if (other.length > 0)
    throw new Error(
      `the previous release needs other packages (${other.map(([name, version]) => `${name} ${version}, here ${now[name] ?? 'none'}`).join('; ')}): pin a later commit in test/operations, or let it install its own`,
    );
}

const dependenciesOf = (workspace: string): Dependencies =>
  (JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { dependencies: Dependencies })
    .dependencies;

/** Foreign packages are those of this workspace; its own projects are its own. */
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
