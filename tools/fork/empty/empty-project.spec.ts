import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newProject } from '../project.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-empty-'));
const before = { ...process.env };

beforeAll(() => {
  Object.assign(process.env, { GIT_AUTHOR_NAME: 'test', GIT_AUTHOR_EMAIL: 'test@localhost' });
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => {
  process.env = before;
  // Fails if something was copied.
  rmdirSync(folder);
});

describe('npm run new -- project NAME --empty SERVICE', () => {
  it.each([
    ['no service', ['--empty', ''], '--empty: the name of the service "": give '],
    ['no value', ['--empty'], "'--empty <value>' argument missing"],
    ['a wrong name', ['--empty', 'Loyalty'], '--empty: the name of the service "Loyalty": give '],
    ['a name that is taken', ['--empty', 'broker'], '--empty: the name of the service: broker is taken by '],
    ['an entity without a service', ['--entity', 'card'], '--entity needs --empty'],
    [
      'a key of the shop',
      ['--empty', 'loyalty', '--entity', 'customer'],
      '--entity customer: its key customerId',
    ],
  ])('refuses %s before it copies anything', async (_what, options, reason) => {
    const printed = jest.spyOn(console, 'error').mockReturnValue();
    expect(await newProject(['acme', '--in', folder, ...options])).toBe(1);
    expect(printed).toHaveBeenCalledWith(expect.stringContaining(reason));
  });
});
