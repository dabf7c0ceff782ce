import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usersPath } from '@millrace/testing/users-path';
import { WorkspaceCopy, workspace } from './workspace-copy.ts';

const { name: from } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
  readonly name: string;
};

const to = from === 'acme' ? 'mill' : 'acme';

describe('F02 a fork that is given a name of its own', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    await fork.run('git', ['init', '--quiet']);
  });
  afterAll(() => fork?.remove());

  const rename = (...names: readonly string[]) =>
    fork.run('npm', ['run', '--silent', 'rename', '--', ...names], { env: { PATH: usersPath } });

  it('gets an error that explains which names are valid', async () => {
    for (const wrong of [[], ['Acme'], ['ac-me'], ['acme', 'shop']])
      expect(await rename(...wrong)).toEqual({
        code: 1,
        output: expect.stringMatching(/^rename: give a new name: .* NAME/),
      });
  });

  it('has no trace of the old name in a file or a path, except in the licence', async () => {
    expect(await rename(to)).toEqual({
      code: 0,
      output: expect.stringMatching(`^renamed ${from} to ${to} in \\d{3,} files`),
    });
    const licence = readFileSync(join(workspace, 'LICENSE'), 'utf8');
    const { output: lines } = await fork.run('git', ['grep', '--untracked', '--ignore-case', from]);
    // A short name may stand in the hash of a package by chance.
    const isExpected = (line: string) =>
      line.startsWith('LICENSE:') || line.includes('"integrity": "sha512-');
    expect(lines.split('\n').filter((line) => line !== '' && !isExpected(line))).toEqual([]);
    expect(readFileSync(join(fork.folder, 'LICENSE'), 'utf8')).toBe(licence);

    const { output: paths } = await fork.run('git', ['ls-files', '--others', '--exclude-standard']);
    expect(paths.split('\n').filter((path) => path.toLowerCase().includes(from))).toEqual([]);
    expect(paths).toContain(`/run-${to}.ts`);
  });
});
