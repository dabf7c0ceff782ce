import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemDisk } from '../disk/disk.ts';
import { scanBatches, type ScannedBatch } from './batch-scan.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';

let folder: string;
const files: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-scan-'));
});
afterEach(() => {
  for (const file of files.splice(0)) closeSync(file);
  rmSync(folder, { recursive: true });
});

/** Scans a file with three batches of the letter. The last one is larger than a chunk. */
function scanOf(letter: string): Generator<ScannedBatch, void> {
  const batches = [10, 10, 300_000].map((count) =>
    encodeBatch([{ value: Buffer.from(letter.repeat(count)) }], { timestampMs: 1n }),
  );
  const path = join(folder, letter);
  writeFileSync(path, Buffer.concat(batches));
  const file = openSync(path, 'r');
  files.push(file);
  return scanBatches({ disk: systemDisk, file, from: 0, to: statSync(path).size, bring: 'batches' });
}

const looksRight = ({ value: found }: IteratorResult<ScannedBatch, void>, letter: string): boolean =>
  found !== undefined &&
  found.batch.computeCrc() === found.batch.crc &&
  found.batch.payload.includes(letter.repeat(10));

describe('scans of whole batches', () => {
  it('do not see the bytes of concurrent scans, although memory is reused', () => {
    for (const _ of scanOf('z')) continue;
    const one = scanOf('a');
    const other = scanOf('b');
    for (let count = 0; count < 3; count += 1) {
      const mine = one.next();
      const theirs = other.next();
      expect(looksRight(mine, 'a')).toEqual(true);
      expect(looksRight(theirs, 'b')).toEqual(true);
    }
    expect(one.next().done).toEqual(true);
    expect(other.next().done).toEqual(true);
  });

  it('use the same memory one after the other, even if one ends early', () => {
    const memories = ['a', 'b', 'c'].map((letter) => {
      for (const { batch } of scanOf(letter)) return batch.bytes.buffer;
      return undefined;
    });
    expect(memories[0]).toBeDefined();
    expect(new Set(memories).size).toBe(1);
  });
});
