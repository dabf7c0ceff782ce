import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { groupsOf, type Group } from './groups.ts';
import type { BundlePlace } from './kept-bundle.ts';

/** A workspace with one app, `talk`, which prints what a module and a package of it say. */
export interface SmallWorkspace {
  readonly place: BundlePlace;
  /** Reads the group of the app from the disk. */
  group(): Group;
  write(path: string, content: string): void;
  /** Runs the app from this bundle and resolves to what it prints. */
  run(bundle: string): Promise<string>;
  remove(): void;
}

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "small", "type": "module", "dependencies": { "words": "1.0.0" } }',
  'package-lock.json': '{ "packages": {} }',
  'apps/talk/package.json': '{ "type": "module" }',
  'apps/talk/src/main.ts': `import words from 'words';
import { says } from './says.ts';
console.log(says, words);
`,
  'apps/talk/src/says.ts': `export const says: string = 'hello';\n`,
  'node_modules/words/package.json': '{ "name": "words", "main": "index.js" }',
  'node_modules/words/index.js': `module.exports = 'world';\n`,
  'node_modules/words/other.js': `module.exports = 'other';\n`,
};

export function makeSmallWorkspace(): SmallWorkspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-bundles-')));
  const workspace = join(root, 'workspace');
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    place: { workspace, bundles: join(root, 'cache/bundles'), node: process.version },
    group: () => groupsOf(workspace).find(({ name }) => name === 'talk') as Group,
    write,
    async run(bundle) {
      const main = pathToFileURL(join(bundle, 'main.mjs')).href;
      const program = `(await import(${JSON.stringify(main)})).programs['apps/talk/src/main.ts']()`;
      const args = ['--input-type=module', '--eval', program];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
      return stdout.trim();
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
