import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passed, succeeded } from './ended.fixture.ts';
import { removesChoreography } from './remove-choreography.suite.ts';
import { WorkspaceCopy } from './workspace-copy.ts';

/** The copy is changed step by step and compiled once, because the compiler takes most of a minute. */
describe('F04 npm run remove -- service', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make('removal');
    await fork.commit();
  });
  afterAll(() => fork?.remove());

  const remove = (service: string) =>
    fork.run('npm', ['run', '--silent', 'remove', '--', 'service', service]);

  it.each([
    ['payment', 'payment answers the step pay of the saga fulfillment'],
    ['shipping', 'the steps label, parcel of the saga return'],
    ['order', 'order runs the sagas fulfillment'],
    ['nobody', 'apps/stack/src/stack.ts has no such service'],
  ])('refuses %s, and says why', async (service, reason) => {
    expect(await remove(service)).toEqual({ code: 1, output: expect.stringContaining(reason) });
  });

  it('removes notification, which no saga needs', async () => {
    expect(await remove('notification')).toEqual({
      code: 0,
      output: expect.stringContaining('notification is removed'),
    });
  });

  it('leaves unit tests that pass', async () => {
    expect(await fork.jest('apps/order', 'src/public-messages.spec.ts')).toEqual(passed);
    expect(await fork.jest('libs/books')).toEqual(passed);
  });

  removesChoreography(() => fork);

  describe('F03 npm run remove -- console-shop', () => {
    it('leaves a console with a page', async () => {
      const removed = await fork.run('npm', ['run', '--silent', 'remove', '--', 'console-shop']);
      expect(removed).toMatchObject({ code: 0 });
      expect(await fork.run('node', ['tools/build/page.ts', 'apps/console'])).toEqual(succeeded);
    });

    it('leaves unit tests of the console that pass', async () => {
      expect(await fork.jest('apps/console')).toEqual(passed);
    });
  });

  it('F03 F11 leaves a workspace that compiles, tests included', async () => {
    expect(await fork.compile()).toEqual(succeeded);
  });
});
