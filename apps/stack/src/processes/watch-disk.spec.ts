import { describe, expect, it } from '@jest/globals';
import { watchDisk } from './watch-disk.ts';

const megabyte = 1024 ** 2;

/** Watches a disk whose free megabytes the test gives, one figure for each look. */
function watched(...free: readonly number[]) {
  const lines: string[] = [];
  const left = [...free];
  let next: (() => void) | undefined;
  const clock = {
    after: (_span: number, work: () => void) => {
      next = work;
      return () => void (next = undefined);
    },
  };
  const freeBytes = () => left.shift()! * megabyte;
  const stop = watchDisk('/data', { clock, freeBytes, print: (line) => lines.push(line) });
  while (left.length > 0) next?.();
  stop();
  return { lines, isWatching: next !== undefined };
}

describe('the watch of a disk', () => {
  it('says once that it is nearly full, and once that it has room again', () => {
    const { lines, isWatching } = watched(900, 255, 0, 300, 512, 400, 10);
    expect(lines).toEqual([
      expect.stringMatching(/^the disk of \/data has 255 MB left: make room/),
      'the disk of /data has 512 MB left, which is enough again',
      expect.stringMatching(/^the disk of \/data has 10 MB left: make room/),
    ]);
    expect(isWatching).toBe(false);
  });

  it('says nothing about a disk that has room', () => {
    expect(watched(900, 256, 900).lines).toEqual([]);
  });
});
