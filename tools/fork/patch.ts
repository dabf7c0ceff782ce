/**
 * `npm run fork-patch` rebases test/forking/add-a-step.patch on the last commit. If git finds
 * conflicts, it keeps a work tree in which you resolve them. `npm run fork-patch -- --from FOLDER`
 * then takes the patch from that folder, also after any other change there.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { workspace } from '../workspace.ts';

const usage = `npm run fork-patch                    rebases test/forking/add-a-step.patch on the last commit; names a
                                      folder if git finds conflicts
npm run fork-patch -- --from FOLDER   takes the patch from that folder and removes the folder`;

const patch = join(workspace, 'test/forking/add-a-step.patch');

function git(folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { done: status === 0, stdout, output: `${stdout}${stderr}` };
}

function mustGit(folder: string, ...args: readonly string[]): string {
  const { done, stdout, output } = git(folder, ...args);
  if (!done) throw new Error(`git ${args.join(' ')}: ${output}`);
  return stdout;
}

/** Writes the patch with full blob ids, so that a later merge finds the files it was made from. */
function save(folder: string): void {
  mustGit(folder, 'add', '--all');
  const diff = mustGit(folder, 'diff', '--cached', '--full-index', 'HEAD');
  if (/^\+(<<<<<<<|>>>>>>>) /m.test(diff))
    throw new Error(`${folder} still has conflicts: search it for <<<<<<<`);
  writeFileSync(patch, diff);
  mustGit(workspace, 'worktree', 'remove', '--force', folder);
}

function refresh(): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-patch-'));
  mustGit(workspace, 'worktree', 'add', '--quiet', '--detach', folder, 'HEAD');
  const { done, output } = git(folder, 'apply', '--3way', patch);
  if (done) return save(folder);
  throw new Error(
    `${output}\nResolve the conflicts in ${folder}, then: npm run fork-patch -- --from ${folder}`,
  );
}

try {
  const { from, help } = parseArgs({
    options: { from: { type: 'string' }, help: { type: 'boolean' } },
  }).values;
  if (help === true) {
    console.log(usage);
    process.exit(0);
  }
  if (from === undefined) refresh();
  else save(resolve(from));
  console.log(
    'test/forking/add-a-step.patch is rebased on the last commit; test it: npx nx run @millrace/forking:test-ci',
  );
} catch (error) {
  console.error(`fork-patch: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
