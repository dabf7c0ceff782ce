/**
 * `node tools/build/bundle.ts apps/broker` bundles an app's `src/main.ts` and its imports from the
 * workspace into `dist/main.js`, with a further file for each part that is loaded later. Node needs
 * 0.3 ms per module, so few files start faster. The npm packages are not bundled: images find them
 * by the imports that remain, and keep their licences.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeBundle } from '../bundles/node-bundle.ts';
import { workspace } from '../workspace.ts';

async function bundle(app: string): Promise<void> {
  const dist = join(workspace, app, 'dist');
  const { dependencies } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
    readonly dependencies: object;
  };
  removeBuilt(dist);
  await build({
    ...nodeBundle,
    entryPoints: [join(workspace, app, 'src/main.ts')],
    outdir: dist,
    tsconfig: join(workspace, app, 'tsconfig.json'),
    external: Object.keys(dependencies),
    splitting: true,
    sourcemap: 'linked',
    logLevel: 'warning',
  });
}

/** Removes the earlier output, since the names of its files change with their contents. */
function removeBuilt(dist: string): void {
  mkdirSync(dist, { recursive: true });
  for (const file of readdirSync(dist)) if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));
}

const [app, ...rest] = process.argv.slice(2);
if (app === undefined || !/^apps\/[a-z-]+$/.test(app) || rest.length > 0)
  throw new Error('name an app: node tools/build/bundle.ts apps/broker');
await bundle(app);
