import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemDisk } from '../disk/disk.ts';
import { IndexChecksums } from '../segments/index-checksums.ts';
import { AbortedIndex } from './aborted-index.ts';
import { decodeAborted, type AbortedTransaction } from './aborted-transactions.ts';

const entry = { producerId: 7n, firstOffset: 1n, lastOffset: 3n, lastStableOffset: 4n };
const created = () => undefined;

describe('the index of aborted transactions', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-aborted-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('begins a segment only if it can be created', () => {
    const index = new AbortedIndex(folder, new IndexChecksums(folder));
    const full = () => {
      throw new Error('full');
    };
    for (const base of [0n, 0n, 0n]) expect(() => index.begin(base, full)).toThrow('full');
    index.begin(0n, created);
    expect(() => index.begin(2n, full)).toThrow('full');
    index.add(0n, entry);
    expect(index.find(0n, 10n)).toEqual([entry]);
    expect(index.find(2n, 10n)).toEqual([entry]);
  });

  it('stays in memory while its file cannot be created, and is merged into a compacted segment', () => {
    for (const base of ['00', '10'])
      symlinkSync(join(folder, 'missing', base), join(folder, `${base.padStart(20, '0')}.txnindex`));
    const { index } = AbortedIndex.open(folder, [0n, 10n], new IndexChecksums(folder));
    index.truncateFrom(0n);
    index.add(0n, entry);
    const later = { producerId: 8n, firstOffset: 11n, lastOffset: 13n, lastStableOffset: 14n };
    index.add(10n, later);
    expect(index.find(0n, 20n)).toEqual([entry, later]);
    rmSync(join(folder, '00000000000000000000.txnindex'));
    index.merge([0n, 10n], () => true, systemDisk);
    expect(index.find(0n, 20n)).toEqual([entry, later]);
  });

  it('has every entry that a recovery restored on disk before a snapshot makes it unnecessary to read the log', () => {
    const before = new AbortedIndex(folder, new IndexChecksums(folder));
    for (const base of [0n, 10n]) before.begin(base, created);
    before.add(0n, entry);
    const { index } = AbortedIndex.open(folder, [0n, 10n], new IndexChecksums(folder));
    index.truncateFrom(0n);
    index.add(0n, entry);
    const synced: string[] = [];
    index.complete(10n, { ...systemDisk, syncNow: (_, path) => void synced.push(path) });

    expect(synced).toEqual([join(folder, '00000000000000000000.txnindex')]);
  });

  describe('with more entries than fit into memory', () => {
    const path = (base = 0) => join(folder, `${String(base).padStart(20, '0')}.txnindex`);
    const entryAt = (at: number): AbortedTransaction => ({
      producerId: 7n,
      firstOffset: BigInt(2 * at),
      lastOffset: BigInt(2 * at + 1),
      lastStableOffset: BigInt(2 * at + 2),
    });
    const entries = Array.from({ length: 1_010 }, (_, at) => entryAt(at));
    const onDisk = () => decodeAborted(readFileSync(path()));
    /** Makes the index file impossible to open while `work` runs. */
    function unopenable(work: () => void): void {
      renameSync(path(), `${path()}.away`);
      mkdirSync(path());
      work();
      rmdirSync(path());
      renameSync(`${path()}.away`, path());
    }
    function written(): AbortedIndex {
      const index = new AbortedIndex(folder, new IndexChecksums(folder));
      index.begin(0n, created);
      for (const one of entries.slice(0, -2)) index.add(0n, one);
      return index;
    }

    it.each([
      ['nothing of it', 0],
      ['a part of it', 20],
    ])(
      'knows an entry that could not be written, even if the file has %s, and writes it with the next one',
      (_, tornBytes) => {
        const index = written();
        unopenable(() => index.add(0n, entries.at(-2)!));
        appendFileSync(path(), Buffer.alloc(tornBytes, 1));
        expect(index.find(0n, 10_000n)).toEqual(entries.slice(0, -1));
        index.add(0n, entries.at(-1)!);
        expect(index.find(0n, 10_000n)).toEqual(entries);
        expect(onDisk()).toEqual(entries);
      },
    );

    it('writes an entry that could not be written when this or a later segment is rolled', () => {
      const index = written();
      unopenable(() => {
        index.add(0n, entries.at(-2)!);
        index.begin(5_000n, created);
        expect(() => index.complete(0n, systemDisk)).toThrow();
      });
      expect(index.find(0n, 10_000n)).toEqual(entries.slice(0, -1));
      index.begin(6_000n, created);
      index.complete(5_000n, systemDisk);
      expect(onDisk()).toEqual(entries.slice(0, -1));
      const reopened = AbortedIndex.open(folder, [0n, 5_000n, 6_000n], new IndexChecksums(folder));
      expect(reopened.firstLost).toBeUndefined();
      expect(reopened.index.find(0n, 10_000n)).toEqual(entries.slice(0, -1));
    });
  });
});
