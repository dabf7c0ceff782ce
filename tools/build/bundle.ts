/**
 * `node tools/build/bundle.ts apps/broker` builds an app's `src/main.ts` and all that it imports of the workspace into `dist/main.js`, with a file for each part
 * that it loads later. Node takes 0.3 ms for a module, so few files start sooner. Packages of npm stay where they are: images find them by these
 * imports, with their licences.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { workspace } from '../workspace.ts';

async function bundle(app: string): Promise<void> {
  const dist = join(workspace, app, 'dist');
  const { dependencies } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
    readonly dependencies: object;
  };
  removeBuilt(dist);
  await build({
    entryPoints: [join(workspace, app, 'src/main.ts')],
    outdir: dist,
    tsconfig: join(workspace, app, 'tsconfig.json'),
    conditions: ['@millrace/source'],
    external: Object.keys(dependencies),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    sourcemap: 'linked',
    logLevel: 'warning',
  });
}

/** Parts have other names after a change. */
function removeBuilt(dist: string): void {
  mkdirSync(dist, { recursive: true });
  for (const file of readdirSync(dist)) if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));
}

const [app, ...rest] = process.argv.slice(2);
if (app === undefined || !/^apps\/[a-z-]+$/.test(app) || rest.length > 0)
  throw new Error('say which app: node tools/build/bundle.ts apps/broker');
await bundle(app);
