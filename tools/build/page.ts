/**
 * `node tools/build/page.ts apps/console` bundles the page of an app into `dist/page`, from where its
 * image serves it. `npm start` bundles it by itself.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { bundlePage } from './page-bundle.ts';

const [, app] = /^apps\/([a-z-]+)$/.exec(process.argv[2] ?? '') ?? [];
if (app === undefined || process.argv.length > 3)
  throw new Error('name an app with a page: node tools/build/page.ts apps/console');
const target = join(workspace, 'apps', app, 'dist/page');
rmSync(target, { recursive: true, force: true });
await bundlePage(workspace, app, target);
