import { workspace } from './compose-file.ts';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

type FollowImports = Readonly<
  Record<
    'followImports',
    (
      workspace: string,
      entries: readonly string[],
      loaded: 'build',
    ) => { readonly projects: ReadonlyMap<string, string>; readonly packages: ReadonlySet<string> }
  >
>;

const tool = async <Tool>(name: string) => (await import(join(workspace, 'tools', name))) as Tool;
let folder: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Creates a workspace as npm and the compiler leave it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-image-files-'));
  write('package.json', { name: 'acme', dependencies: { web: '1', driver: '1' } });
  write('apps/order/package.json', { name: '@acme/order' });
  write(
    'apps/order/dist/main.js',
    `import 'node:fs'; import { run } from './run.js'; export * from '@acme/store/client'; await run();`,
  );
  write(
    'apps/order/dist/run.js',
    `import web from 'web/fast'; export const run = () => import('@acme/late'); const codec = () => require2("driver");`,
  );
  write('apps/order/dist/other-program.js', `import 'never-reached';`);
  write('libs/store/package.json', {
    name: '@acme/store',
    exports: { './client': { default: './dist/client.js' }, './server': { default: './dist/server.js' } },
  });
  write('libs/store/dist/client.js', `const { createRequire } = await import('module');`);
  write('libs/store/dist/server.js', `import 'server-only';`);
  write('libs/late/package.json', { name: '@acme/late', exports: { '.': { default: './dist/index.js' } } });
  write('libs/late/dist/index.js', `import '@scope/late/part'; import 'web';`);
  const install = (path: string, manifest: object) => write(`node_modules/${path}/package.json`, manifest);
  install('web', {
    dependencies: { log: '2' },
    optionalDependencies: { 'other-platform': '1' },
    peerDependencies: { driver: '1', 'other-driver': '1', types: '1' },
    peerDependenciesMeta: { driver: { optional: true }, 'other-driver': { optional: true } },
  });
  install('web/node_modules/log', { dependencies: { shared: '1', web: '1' } });
  install('log', {});
  for (const name of ['driver', 'other-driver', 'types', 'shared', 'unused']) install(name, {});
  install('@scope/late', { dependencies: { missing: '1' } });
});

describe('the contents of an image', () => {
  it('are found by following imports, dynamic ones included, through the libraries that they name', async () => {
    const { followImports } = await tool<FollowImports>('imports/follow-imports.ts');

    const { projects, packages } = followImports(folder, ['apps/order/dist/main.js'], 'build');

    expect(Object.fromEntries(projects)).toEqual({
      '@acme/order': 'apps/order',
      '@acme/store': 'libs/store',
      '@acme/late': 'libs/late',
    });
    expect([...packages].sort()).toEqual(['@scope/late', 'driver', 'web']);
  });

  it('include each package with its dependencies, and those optional peers that the workspace installs', async () => {
    const { packageClosure } = await tool<{
      packageClosure: (workspace: string, names: ReadonlySet<string>) => ReadonlySet<string>;
    }>('containers/package-closure.ts');

    expect([...packageClosure(folder, new Set(['web']))].sort()).toEqual([
      'node_modules/driver',
      'node_modules/shared',
      'node_modules/types',
      'node_modules/web',
      'node_modules/web/node_modules/log',
    ]);
    expect(() => packageClosure(folder, new Set(['@scope/late']))).toThrow(
      /^missing, which node_modules\/@scope\/late needs, is not in node_modules: run npm ci$/,
    );
  });
});
