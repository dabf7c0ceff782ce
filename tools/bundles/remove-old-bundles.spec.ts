import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeOldBundles } from './remove-old-bundles.ts';

const now = Date.UTC(2026, 5, 30);
const dayMs = 24 * 60 * 60 * 1_000;
const limits = { unusedMsMax: 14 * dayMs, bundlesPerGroupMax: 2, compiledBytesMax: 1_000 };

let bundles: string;
beforeEach(() => {
  bundles = mkdtempSync(join(tmpdir(), 'millrace-old-bundles-'));
});
afterEach(() => rmSync(bundles, { recursive: true, force: true }));

function bundle(name: string, daysAgo: number): void {
  const folder = join(bundles, 'services', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.mjs'), '');
  setAge(folder, daysAgo);
}

function manifest(name: string, content: string, daysAgo = 1): void {
  const file = join(bundles, 'services', name);
  writeFileSync(file, content);
  setAge(file, daysAgo);
}

function setAge(path: string, days: number): void {
  const time = new Date(now - days * dayMs);
  utimesSync(path, time, time);
}

const left = () => readdirSync(join(bundles, 'services')).sort();

describe('the cache of bundles', () => {
  it('forgets a bundle that was not used for two weeks', () => {
    bundle('old', 15);
    bundle('recent', 13);
    removeOldBundles(bundles, limits, now);

    expect(left()).toEqual(['recent']);
  });

  it('keeps only the latest bundles of a group', () => {
    bundle('first', 3);
    bundle('second', 2);
    bundle('third', 1);
    removeOldBundles(bundles, limits, now);

    expect(left()).toEqual(['second', 'third']);
  });

  it('keeps every bundle that was used in the last few minutes', () => {
    for (const name of ['first', 'second', 'third']) bundle(name, 1 / 288);
    removeOldBundles(bundles, limits, now);

    expect(left()).toEqual(['first', 'second', 'third']);
  });

  it('forgets manifests whose bundle is gone, and files that were left half written', () => {
    bundle('kept', 1);
    manifest('a.json', '{ "folder": "kept" }');
    manifest('b.json', '{ "folder": "gone" }');
    manifest('c.json.4711', '{ "fol');
    manifest('d.json.4712', '{ "fol', 0);
    removeOldBundles(bundles, limits, now);

    expect(left()).toEqual(['a.json', 'd.json.4712', 'kept']);
  });

  it.each([
    [1_001, false],
    [1_000, true],
  ])("deletes V8's compiled code once it is too large: %i bytes", (bytes, isKept) => {
    const folder = join(bundles, 'compiled', 'v24');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'code'), Buffer.alloc(bytes));
    removeOldBundles(bundles, limits, now);

    expect(existsSync(join(folder, 'code'))).toBe(isKept);
  });
});
