import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { workspace } from '../workspace.ts';
import { newProject, releaseFile, withPreviousCommit } from './project.ts';

afterEach(() => void jest.restoreAllMocks());

describe('npm run new -- project', () => {
  it.each([
    ['no name', [], 'give a name'],
    ['a name that no package can have', ['Acme'], 'give a name'],
    ['a name with a hyphen', ['ac-me'], 'give a name'],
    ['two names', ['acme', 'shop'], 'give a name'],
    ['a folder with files', ['acme', '--in', join(workspace, '..')], 'the folder is not empty'],
    [
      'a folder in this workspace',
      ['acme', '--in', join(workspace, 'tmp/acme')],
      'choose a folder outside of',
    ],
    ['an option that it does not have', ['acme', '--full'], "Unknown option '--full'"],
  ])('refuses %s', async (_what, args, reason) => {
    const printed = jest.spyOn(console, 'error').mockReturnValue();
    expect(await newProject(args)).toBe(1);
    expect(printed).toHaveBeenCalledWith(expect.stringContaining(reason));
  });

  it('names the first commit of the fork as the release before the next one', () => {
    const before = `const previousCommit = '${'abcdef0123'.repeat(4)}';\n`;
    const commit = '0123456789'.repeat(4);
    expect(withPreviousCommit(before, commit)).toContain(`const previousCommit = '${commit}';\n`);
    expect(() => withPreviousCommit('', commit)).toThrow(`${releaseFile} has no line`);
  });
});
