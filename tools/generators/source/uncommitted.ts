import { git } from '../../git.ts';

/**
 * Throws if git could not give back the files at these paths after they are deleted, because they
 * are new or changed since the last commit.
 */
export function refuseUncommitted(folder: string, paths: readonly string[]): void {
  const { done, stdout, output } = git(folder, 'status', '--porcelain', '--', ...paths);
  if (done && stdout === '') return;
  const reason = done
    ? 'these files are new or changed since the last commit, so git could not give them back'
    : 'git cannot say whether the files are committed';
  throw new Error(
    `nothing was removed, because ${reason}:\n${(done ? stdout : output).trimEnd()}\n` +
      'Commit them first, or run the command with --force to delete them for good.',
  );
}
