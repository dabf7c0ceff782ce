import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IndexChecksums } from '../segments/index-checksums.ts';
import { AbortedIndex } from './aborted-index.ts';

const entry = { producerId: 7n, firstOffset: 1n, lastOffset: 3n, lastStableOffset: 4n };

describe('the index of aborted transactions', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-aborted-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('begins a segment once, however often that is tried', () => {
    const index = new AbortedIndex(folder, new IndexChecksums(folder));
    for (const base of [0n, 0n, 0n]) index.begin(base);
    index.add(0n, entry);
    expect(index.find(0n, 10n)).toEqual([entry]);
  });

  it('is in memory where its file cannot be made, and is taken over by a compacted segment', () => {
    for (const base of ['00', '10']) symlinkSync(join(folder, 'missing', base), join(folder, `${base.padStart(20, '0')}.txnindex`));
    const { index } = AbortedIndex.open(folder, [0n, 10n], new IndexChecksums(folder));
    index.truncateFrom(0n);
    index.add(0n, entry);
    const later = { producerId: 8n, firstOffset: 11n, lastOffset: 13n, lastStableOffset: 14n };
    index.add(10n, later);
    expect(index.find(0n, 20n)).toEqual([entry, later]);
    rmSync(join(folder, '00000000000000000000.txnindex'));
    index.merge([0n, 10n], () => true);
    expect(index.find(0n, 20n)).toEqual([entry, later]);
  });
});
