import { spawnSync } from 'node:child_process';

/**
 * Throws if git could not give back the files at these paths after they are deleted, because they
 * are new or changed since the last commit.
 */
export function refuseUncommitted(folder: string, paths: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync('git', ['status', '--porcelain', '--', ...paths], {
    cwd: folder,
    encoding: 'utf8',
  });
  const found = error?.message ?? (status === 0 ? stdout : stderr).trimEnd();
  if (found === '' && status === 0) return;
  const reason =
    status === 0
      ? 'these files are new or changed since the last commit, so git could not give them back'
      : 'git cannot say whether the files are committed';
  throw new Error(
    `nothing was removed, because ${reason}:\n${found}\n` +
      'Commit them first, or run the command with --force to delete them for good.',
  );
}
