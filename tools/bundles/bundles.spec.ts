import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { keptBundles, manifestFile, removeOldBundles, type BundlePlace } from './kept-bundles.ts';
import { findBundles } from './make-bundles.ts';

jest.setTimeout(60_000);

/** A workspace with one app, which prints what a module, a package and a renamed class of it say. */
const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "small", "type": "module", "dependencies": { "words": "1.0.0" } }',
  'package-lock.json': '{ "packages": {} }',
  'apps/talk/package.json': '{ "type": "module" }',
  'apps/talk/src/main.ts': `import words from 'words';
import { says, Voice as Other } from './says.ts';
class Voice {}
console.log(says, words, Voice.name, Other.name);
`,
  'apps/talk/src/says.ts': `export const says: string = 'hello';\nexport class Voice {}\n`,
  'node_modules/words/package.json': '{ "name": "words", "main": "index.js" }',
  'node_modules/words/index.js': `module.exports = 'w\u{f6}rld';\n`,
  'node_modules/words/other.js': `module.exports = 'other';\n`,
};
const source = 'apps/talk/src/says.ts';
const sourceThatSays = (word: string) => `export const says: string = '${word}';\nexport class Voice {}\n`;

let root: string;
let place: BundlePlace;
let warnings: string[];
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-bundles-')));
  place = { workspace: join(root, 'workspace'), bundles: join(root, 'bundles'), node: process.version };
  warnings = [];
  for (const [path, content] of Object.entries(files)) write(path, content);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(place.workspace, path)), { recursive: true });
  writeFileSync(join(place.workspace, path), content);
}

const find = (where = place) => findBundles(where, (line) => warnings.push(line));

async function made(): Promise<string> {
  const folder = (await find()) as string;
  expect(warnings).toEqual([]);
  return join(folder, 'talk');
}

async function run(bundle: string): Promise<string> {
  const main = JSON.stringify(pathToFileURL(join(bundle, 'main.mjs')).href);
  const positions = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'original-positions.ts')).href);
  const program = `(await import(${positions})).mapStackTraces(${main}, ${JSON.stringify(bundle)});
await (await import(${main})).programs['apps/talk/src/main.ts']()`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
  return stdout.trim();
}

describe('the bundles of a workspace', () => {
  it('run with the names of their classes, hold only ASCII characters, and are reused', async () => {
    const bundle = await made();

    expect(await run(bundle)).toBe('hello w\u{f6}rld Voice Voice');
    expect(readFileSync(join(bundle, 'main.mjs'), 'utf8')).toMatch(/^[\0-\x7f]*$/);
    expect(await made()).toBe(bundle);
  });

  it('name the source in the stack of an error', async () => {
    write(
      source,
      `${sourceThatSays('hello')}try {\n  throw new Error();\n} catch (error) {\n  console.log(error.stack);\n}\n`,
    );

    expect(await run(await made())).toContain(`${join(place.workspace, source)}:4:`);
  });

  it.each([
    ['a source', source, sourceThatSays('good-bye'), 'good-bye w\u{f6}rld'],
    ['a source that keeps its size', source, sourceThatSays('howdy'), 'howdy w\u{f6}rld'],
    ['a dependency', 'node_modules/words/index.js', `module.exports = 'moon';\n`, 'hello moon'],
    [
      'the manifest of a dependency',
      'node_modules/words/package.json',
      '{ "name": "words", "main": "other.js" }',
      'hello other',
    ],
    ['the installed versions', 'package-lock.json', '{ "packages": { "words": {} } }', 'hello w\u{f6}rld'],
  ])('R34 are made again after a change of %s', async (_what, path, content, says) => {
    const longAgo = new Date(2020, 1, 1);
    utimesSync(join(place.workspace, path), longAgo, longAgo);
    await made();
    write(path, content);
    utimesSync(join(place.workspace, path), longAgo, longAgo);

    expect(keptBundles(place)).toBeUndefined();
    expect(await run(await made())).toContain(says);
  });

  it('R34 are made again for another version of Node, and when an app is added', async () => {
    await made();

    expect(keptBundles({ ...place, node: 'v99.0.0' })).toBeUndefined();
    write('apps/listen/src/main.ts', '');
    expect(keptBundles(place)).toBeUndefined();
  });

  it.each(['main.mjs', 'manifest'])('R35 are made again if their %s is cut off', async (file) => {
    const bundle = await made();
    truncateSync(file === 'manifest' ? manifestFile(place) : join(bundle, file), 100);

    expect(await run(await made())).toContain('hello');
  });

  it('are complete for each of several processes that make them at the same time', async () => {
    for (const bundle of await Promise.all([made(), made(), made()]))
      expect(await run(bundle)).toContain('hello');
  });

  it('are missing, with one warning, if the cache cannot be written or a source cannot be compiled', async () => {
    expect(await find({ ...place, bundles: '/dev/null/bundles' })).toBeUndefined();
    write(source, 'export const says = ;\n');
    expect(await find()).toBeUndefined();

    expect(warnings).toEqual([
      expect.stringMatching(/^could not bundle the programs in .*, so they start from source.*: ENOTDIR/),
      expect.stringMatching(/which is slower: apps\/talk\/src\/says\.ts/),
    ]);
  });

  it('are removed when they are old, or the oldest of many that no process is loading', async () => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    for (let age = 1; age <= 20; age += 1) {
      mkdirSync(join(place.bundles, String(age)), { recursive: true });
      utimesSync(join(place.bundles, String(age)), minutesAgo(age), minutesAgo(age));
    }
    removeOldBundles(place.bundles);
    expect(readdirSync(place.bundles)).toHaveLength(17); // 16 and the compiled code
    expect(readdirSync(place.bundles)).not.toContain('17');

    removeOldBundles(place.bundles, Date.now() + 15 * 24 * 60 * 60_000);
    expect(readdirSync(place.bundles)).toEqual(['compiled']);
  });
});
