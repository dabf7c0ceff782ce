/**
 * `node tools/build/page.ts [apps/console]` bundles the page of an app, or of every app that has one, into
 * its `dist/page`, from where its image serves it. `npm start` bundles it by itself.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { appsWithPage, bundlePage } from './page-bundle.ts';

const named = process.argv[2];
const apps = appsWithPage(workspace).filter((app) => named === undefined || named === `apps/${app}`);
if (apps.length === 0 || process.argv.length > 3)
  throw new Error('name an app with a page: node tools/build/page.ts apps/console');
for (const app of apps) {
  const target = join(workspace, 'apps', app, 'dist/page');
  rmSync(target, { recursive: true, force: true });
  await bundlePage(workspace, app, target);
}
