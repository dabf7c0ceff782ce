import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkspaceCopy } from './workspace-copy.ts';

describe('a fork with a name of its own', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    await fork.run('git', ['init', '--quiet']);
    const { code, output } = await fork.run('npm', ['run', '--silent', 'rename', '--', 'acme']);
    if (code !== 0) throw new Error(output);
    await fork.linkProjects();
  });
  afterAll(() => fork?.remove());

  it('starts, and completes orders', async () => {
    const passed = { code: 0, output: expect.stringMatching(/^Tests: +\d+ passed, \d+ total$/m) };
    expect(await fork.jest('test/e2e', 'src/completed.e2e.spec.ts')).toEqual(passed);
  });
});
