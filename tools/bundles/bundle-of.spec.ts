import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { bundleOf } from './bundle-of.ts';
import { keptBundle, manifestFile, type BundlePlace } from './kept-bundle.ts';
import { makeSmallWorkspace, type SmallWorkspace } from './small-workspace.fixture.ts';

jest.setTimeout(60_000);

let small: SmallWorkspace;
let warnings: string[];
beforeEach(() => {
  small = makeSmallWorkspace();
  warnings = [];
});
afterEach(() => small.remove());

const kept = () => keptBundle(small.place, small.group());
const find = (place: BundlePlace = small.place) =>
  bundleOf(small.group(), [], place, (line) => warnings.push(line));
async function made(): Promise<string> {
  const bundle = await find();
  expect(warnings).toEqual([]);
  return bundle as string;
}

describe('the bundle of a program', () => {
  it('runs it', async () => {
    expect(await small.run(await made())).toBe('hello world');
  });

  it('is reused while nothing changes', async () => {
    expect(kept()).toBeUndefined();
    const bundle = await made();

    expect(kept()).toBe(bundle);
    expect(await made()).toBe(bundle);
  });

  it.each([
    ['a source', 'apps/talk/src/says.ts', `export const says = 'good-bye';\n`, 'good-bye world'],
    ['a dependency', 'node_modules/words/index.js', `module.exports = 'moon';\n`, 'hello moon'],
    [
      'the manifest of a dependency',
      'node_modules/words/package.json',
      '{ "name": "words", "main": "other.js" }',
      'hello other',
    ],
  ])('is made again after a change of %s', async (_, path, content, says) => {
    const before = await made();
    small.write(path, content);

    expect(kept()).toBeUndefined();
    const after = await made();
    expect(after).not.toBe(before);
    expect(await small.run(after)).toBe(says);
  });

  it.each(['package-lock.json', 'node_modules/.package-lock.json'])(
    'is made again after a change of the installed versions in %s',
    async (lock) => {
      small.write(lock, '{ "packages": {} }');
      await made();
      small.write(lock, '{ "packages": { "node_modules/words": { "version": "1.0.1" } } }');

      expect(kept()).toBeUndefined();
    },
  );

  it('is made again after a change that keeps the size and the modification time of a file', async () => {
    const source = join(small.place.workspace, 'apps/talk/src/says.ts');
    const longAgo = new Date(2020, 1, 1);
    utimesSync(source, longAgo, longAgo);
    await made();
    small.write('apps/talk/src/says.ts', `export const says: string = 'howdy';\n`);
    utimesSync(source, longAgo, longAgo);

    expect(kept()).toBeUndefined();
    expect(await small.run(await made())).toBe('howdy world');
  });

  it('is made again once one of its files is gone', async () => {
    await made();
    rmSync(join(small.place.workspace, 'apps/talk/src/says.ts'));

    expect(kept()).toBeUndefined();
  });

  it('is made again for another version of Node, and when an app is added', async () => {
    await made();

    expect(keptBundle({ ...small.place, node: 'v99.0.0' }, small.group())).toBeUndefined();
    small.write('apps/listen/src/main.ts', '');
    expect(kept()).toBeUndefined();
  });

  it('is reused after its files were written again with the same content', async () => {
    const bundle = await made();
    small.write('apps/talk/src/says.ts', `export const says: string = 'hello';\n`);

    expect(kept()).toBe(bundle);
  });

  it.each(['main.mjs', 'manifest'])('is made again if its %s is cut off', async (file) => {
    const bundle = await made();
    const path = file === 'manifest' ? manifestFile(small.place, small.group()) : join(bundle, file);
    truncateSync(path, 100);

    expect(kept()).toBeUndefined();
    expect(await small.run(await made())).toBe('hello world');
  });

  it('stays where it is if it is damaged, because another process may be loading it', async () => {
    const bundle = await made();
    truncateSync(join(bundle, 'main.mjs'), 100);

    expect(await made()).not.toBe(bundle);
    expect(readdirSync(bundle)).toContain('main.mjs');
  });

  it('is complete for each of several processes that make it at the same time', async () => {
    const bundles = await Promise.all(Array.from({ length: 4 }, () => made()));

    expect(new Set(bundles).size).toBe(1);
    expect(await small.run(bundles[0] as string)).toBe('hello world');
    const left = readdirSync(join(small.place.bundles, 'talk'));
    expect(left.sort()).toEqual(
      [bundles[0] as string, manifestFile(small.place, small.group())]
        .map((path) => path.split('/').at(-1))
        .sort(),
    );
  });

  it('is missing, with one warning, if the cache cannot be written', async () => {
    const notAFolder = join(small.place.workspace, 'file');
    writeFileSync(notAFolder, '');

    expect(await find({ ...small.place, bundles: join(notAFolder, 'bundles') })).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(
        /^could not bundle talk in .*, so it starts from source, which is slower: ENOTDIR/,
      ),
    ]);
  });

  it('is missing, with one warning that names the place, if a source cannot be compiled', async () => {
    small.write('apps/talk/src/says.ts', 'export const says = ;\n');

    expect(await find()).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/which is slower: apps\/talk\/src\/says\.ts/)]);
  });

  it('leads from its lines to the sources', async () => {
    const bundle = await made();

    const map = JSON.parse(readFileSync(join(bundle, 'main.mjs.map'), 'utf8')) as { sources: string[] };
    expect(map.sources).toContainEqual(expect.stringMatching(/^file:\/\/.*\/apps\/talk\/src\/says\.ts$/));
    expect(existsSync(join(bundle, 'positions'))).toBe(true);
  });
});
