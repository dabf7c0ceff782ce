import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { newProject } from '../project.ts';

afterEach(() => void jest.restoreAllMocks());

describe('npm run new -- project NAME --empty SERVICE', () => {
  it.each([
    ['no service', ['--empty', ''], '--empty: the name of the service "": give '],
    ['no value', ['--empty'], "'--empty <value>' argument missing"],
    ['a wrong name', ['--empty', 'Loyalty'], '--empty: the name of the service "Loyalty": give '],
    ['a name that is taken', ['--empty', 'broker'], '--empty: the name of the service: broker is taken by '],
    ['an entity without a service', ['--entity', 'card'], '--entity: '],
  ])('refuses %s before it copies anything', async (_what, options, reason) => {
    const printed = jest.spyOn(console, 'error').mockReturnValue();
    expect(await newProject(['acme', ...options])).toBe(1);
    expect(printed).toHaveBeenCalledWith(expect.stringContaining(reason));
  });
});
