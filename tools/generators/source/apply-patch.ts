import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tree } from '@nx/devkit';

interface PatchedFile {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'deleted';
}

/**
 * Applies a patch of git, a file of the workspace, to the tree. Passes over files that somebody has
 * removed. Throws an error with the remedy if the files that it changes have become too different,
 * and then changes nothing.
 */
export function applyPatch(tree: Tree, patch: string): void {
  const text = tree.read(patch, 'utf8');
  if (text === null) throw new Error(`${patch} does not exist`);
  const folder = mkdtempSync(join(tmpdir(), 'patch-'));
  try {
    const files = filesOf(text).filter(({ path, change }) => change === 'added' || tree.exists(path));
    for (const { path } of files.filter(({ change }) => change !== 'added')) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), tree.read(path) ?? '');
    }
    writeFileSync(join(folder, '.patch'), text);
    // Without the ceiling, git could use a repository above the temporary folder.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
    const present = files.map(({ path }) => `--include=${path}`);
    const { status, stderr } = spawnSync('git', ['apply', ...present, '.patch'], {
      cwd: folder,
      encoding: 'utf8',
      env,
    });
    if (status !== 0)
      throw new Error(
        `nothing was changed, because ${patch} no longer fits the files that it changes:\n${stderr.trimEnd()}\n` +
          `Run \`git apply --reject ${patch}\`, which changes what still fits and keeps the rest in files *.rej, make ` +
          'these changes by hand, delete the patch, and repeat the command',
      );
    for (const { path, change } of files)
      if (change === 'deleted') tree.delete(path);
      else tree.write(path, readFileSync(join(folder, path)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files that a patch changes, in its order. */
const filesOf = (patch: string): readonly PatchedFile[] =>
  [...patch.matchAll(/^diff --git a\/(\S+) b\/\S+\n(new|deleted)?/gm)].map(([, path = '', word]) => ({
    path,
    change: word === 'new' ? 'added' : word === 'deleted' ? 'deleted' : 'changed',
  }));
