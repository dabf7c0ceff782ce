/**
 * `npm run fork-patch` merges the patches of this workspace with the last commit, so that they
 * apply again.
 */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { workspace } from '../workspace.ts';
import { git, mustGit } from '../git.ts';

const patches: ReadonlyMap<string, string> = new Map([
  ['add-a-step', 'test/forking/add-a-step.patch'],
  ['remove-notification', 'tools/fork/remove-notification.patch'],
]);

const names = [...patches.keys()].join(' or ');
const usage = `npm run fork-patch                         rebases each patch on the last commit; names a folder if git
                                           finds conflicts
npm run fork-patch -- NAME                 only this one: ${names}
npm run fork-patch -- NAME --from FOLDER   takes the patch from that folder and removes the folder`;

/** Writes the patch with full blob ids, so that a later merge finds the files it was made from. */
function save(patch: string, folder: string): void {
  mustGit(folder, 'add', '--all');
  const diff = mustGit(folder, 'diff', '--cached', '--full-index', '-U1', 'HEAD');
  if (/^\+(<<<<<<<|>>>>>>>) /m.test(diff))
    throw new Error(`${folder} still has conflicts: search it for <<<<<<<`);
  writeFileSync(join(workspace, patch), diff);
  mustGit(workspace, 'worktree', 'remove', '--force', folder);
  console.log(`${patch} is rebased on the last commit`);
}

function refresh(name: string, patch: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-patch-'));
  mustGit(workspace, 'worktree', 'add', '--quiet', '--detach', folder, 'HEAD');
  const { done, output } = git(folder, 'apply', '--3way', join(workspace, patch));
  if (done) return save(patch, folder);
  throw new Error(
    `${output}\nResolve the conflicts in ${folder}, then: npm run fork-patch -- ${name} --from ${folder}`,
  );
}

function main(): void {
  const {
    values: { from, help },
    positionals: [name, ...others],
  } = parseArgs({
    options: { from: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (help === true) return console.log(usage);
  const patch = name === undefined ? undefined : patches.get(name);
  if ((name !== undefined && patch === undefined) || others.length > 0)
    throw new Error(`give one patch, ${names}`);
  if (from !== undefined) {
    if (patch === undefined) throw new Error(`name the patch that --from holds: ${names}`);
    save(patch, resolve(from));
  } else
    for (const [each, path] of patches)
      if (each === name || (name === undefined && existsSync(join(workspace, path)))) refresh(each, path);
  console.log('test them: npx nx run @millrace/forking:test-ci');
}

try {
  main();
} catch (error) {
  console.error(`fork-patch: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
