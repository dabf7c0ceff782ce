import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../../workspace.ts';

interface Command {
  /** What the names of its generators begin with, before the kind. */
  readonly prefix: string;
  readonly usage: string;
  /** The kind, the name and the options. */
  readonly words: readonly string[];
}

/** Runs the generator of a kind. Returns the exit code. */
export function runGenerator({ prefix, usage, words: [kind = '', ...rest] }: Command): number {
  if (kind === '' || kind === '--help') {
    console.log(usage);
    return kind === '' ? 1 : 0;
  }
  const { name } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
    readonly name: string;
  };
  const { status, error } = spawnSync('nx', ['g', `@${name}/generators:${prefix}${kind}`, ...rest], {
    cwd: workspace,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}
