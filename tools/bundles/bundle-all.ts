/**
 * `node tools/bundles/bundle-all.ts` makes the bundles if they are missing or out of date. Without
 * it, the tests would start many programs at the same time that make the same bundles.
 */
import { join } from 'node:path';
import { cacheFolder } from '../ci/cache.ts';
import { workspace } from '../workspace.ts';
import { findBundles } from './make-bundles.ts';

await findBundles({ workspace, bundles: join(cacheFolder, 'bundles'), node: process.version }, (problem) => {
  throw new Error(problem);
});
