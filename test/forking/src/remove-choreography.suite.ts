import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { passed } from './ended.fixture.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

/**
 * Removes the choreography from a copy that its caller compiles afterwards. Its caller also runs the tests of
 * the console, of which only those of the shop know the choreography.
 */
export function removesChoreography(copy: () => WorkspaceCopy): void {
  describe('F11 npm run remove -- choreography', () => {
    it('removes the folder of each service', async () => {
      await copy().commit();
      const services = ['inventory', 'order', 'payment', 'shipping'];
      const folders = services.map((service) => `apps/${service}/src/choreography`).join(', ');
      expect(await copy().run('npm', ['run', '--silent', 'remove', '--', 'choreography'])).toEqual({
        code: 0,
        output: expect.stringContaining(`The choreography is removed: ${folders}`),
      });
    });

    it('leaves unit tests that pass, and services that start', async () => {
      const started = ['src/fulfillment.int.spec.ts'];
      const ofShop = globSync('src/shop/**/!(*.int).spec.ts', { cwd: join(copy().folder, 'apps/console') });
      expect(await copy().jest('libs/books')).toEqual(passed);
      expect(await copy().jest('apps/console', ...ofShop)).toEqual(passed);
      expect(await copy().jest('apps/order', 'src/domain/order.spec.ts')).toEqual(passed);
      expect(await copy().jestWith('jest.int.config.mjs', 'apps/order', started)).toEqual(passed);
    });
  });
}
