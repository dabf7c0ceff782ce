import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { usersPath } from '@millrace/testing/users-path';
import { commands } from './commands.ts';
import { workspace } from './workspace.ts';

const askingForHelp = [
  ...new Set([
    ...commands.map(({ line }) => line).filter((line) => line.endsWith(' --help')),
    'npm run verify -- --help',
  ]),
];

describe('a request for help in the documents', () => {
  it.each(askingForHelp)(
    "is answered with the user's own Node: %s",
    (line) => {
      const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
        cwd: workspace,
        env: { ...inherited, PATH: usersPath },
        encoding: 'utf8',
      });
      expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
      expect(stdout).toContain('npm ');
    },
    60_000,
  );
});
