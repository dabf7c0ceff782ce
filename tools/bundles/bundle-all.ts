/**
 * `node tools/bundles/bundle-all.ts` makes the bundles that are missing or out of date. Without it,
 * the tests would start many programs at the same time that make the same bundles.
 */
import { join } from 'node:path';
import { cacheFolder } from '../ci/cache.ts';
import { workspace } from '../workspace.ts';
import { groupsOf } from './groups.ts';
import { keptBundle } from './kept-bundle.ts';
import { makeBundles } from './make-bundles.ts';

const place = { workspace, bundles: join(cacheFolder, 'bundles'), node: process.version };
const missing = groupsOf(workspace).filter((group) => keptBundle(place, group) === undefined);
if (missing.length > 0) await makeBundles(missing, place);
