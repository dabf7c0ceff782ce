/**
 * Is loaded into each process of the stack. The order service then runs the release that is deployed
 * when the process starts, and writes its name to a file that is named after the process id.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const workspace = join(import.meta.dirname, '../../../..');
const orderService = join(workspace, 'apps/order/src/main.ts');
const nextRelease = join(workspace, 'test/operations/src/next-order-release/main.ts');

/** The version that new sagas start with. The first release, which is missing, has no choice. */
const startVersions = { learning: 1, starting: 2 };

// The first argument is tools/run.mjs, and the second is the program that it runs.
if (process.argv[2] === orderService) {
  const folder = process.env.CHAOS_RELEASES ?? '';
  const release = readFileSync(join(folder, 'deployed'), 'utf8');
  const version = startVersions[release];
  if (version !== undefined) {
    process.env.SAGA_START_VERSIONS = `fulfillment=${version}`;
    process.argv[2] = nextRelease;
  }
  writeFileSync(join(folder, String(process.pid)), release);
}
