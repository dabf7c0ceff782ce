import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/clock.ts';
import { batchOf } from '../data-folder/log-folder.fixture.ts';
import { systemDisk } from '../disk/disk.ts';
import { CleanedSegment, cleanedPath } from './segment-swap.ts';
import { WorkSlices } from '../../runtime/work-slices.ts';

describe('a compacted segment that cannot be finished', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-cleaned-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('closes no file that was opened in the meantime', async () => {
    const slices = new WorkSlices(systemClock, { sliceMs: 1_000 });
    const cleaned = new CleanedSegment({
      folder,
      baseOffset: 0n,
      indexIntervalBytes: 4_096,
      disk: systemDisk,
      slices,
    });
    await cleaned.add(batchOf(['a']));
    mkdirSync(cleanedPath(folder, 0n, 'index'));
    await expect(cleaned.finish()).rejects.toMatchObject({ code: 'EISDIR' });
    rmSync(cleanedPath(folder, 0n, 'index'), { recursive: true });
    const opened = Array.from({ length: 10 }, (_, place) => openSync(join(folder, `another-${place}`), 'w'));
    cleaned.discard();
    for (const file of opened) {
      expect(fstatSync(file).size).toBe(0);
      closeSync(file);
    }
  });
});
