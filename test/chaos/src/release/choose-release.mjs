/**
 * Is loaded into each process of the stack. The order service then runs the release that is deployed
 * when the process starts, and writes its name to a file that is named after the process id.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const workspace = join(import.meta.dirname, '../../../..');
const orderService = pathToFileURL(join(workspace, 'apps/order/src/main.ts')).href;
const nextRelease = pathToFileURL(join(workspace, 'test/operations/src/next-order-release/main.ts')).href;

/** The version that new sagas start with. The first release, which is missing, has no choice. */
const startVersions = { learning: 1, starting: 2 };

if (pathToFileURL(process.argv[1] ?? '').href === orderService) {
  const folder = process.env.CHAOS_RELEASES ?? '';
  const release = readFileSync(join(folder, 'deployed'), 'utf8');
  const version = startVersions[release];
  if (version !== undefined) {
    process.env.SAGA_START_VERSIONS = `fulfillment=${version}`;
    registerHooks({
      resolve(specifier, context, nextResolve) {
        const resolved = nextResolve(specifier, context);
        return resolved.url === orderService ? { ...resolved, url: nextRelease } : resolved;
      },
    });
  }
  writeFileSync(join(folder, String(process.pid)), release);
}
