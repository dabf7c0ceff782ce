import { spawnSync } from 'node:child_process';

/** Runs git in a folder. Throws only if git cannot be started. */
export function git(folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { done: status === 0, stdout, output: `${stdout}${stderr}` };
}

/** Runs git in a folder, and returns what it prints. Throws its error if it fails. */
export function mustGit(folder: string, ...args: readonly string[]): string {
  const { done, stdout, output } = git(folder, ...args);
  if (!done) throw new Error(`git ${args.join(' ')}: ${output}`);
  return stdout;
}
