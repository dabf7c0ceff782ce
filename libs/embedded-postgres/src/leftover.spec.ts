import { describe, expect, it } from '@jest/globals';
import { parsePostmasterFile } from './leftover.ts';

describe('the record of a postmaster in postmaster.pid', () => {
  it('has its process, its folder, its start and its port', () => {
    expect(
      parsePostmasterFile('4711\n/data/postgres\n1795167689\n54329\n\n127.0.0.1\n  54329001   3\nready   \n'),
    ).toEqual({
      pid: 4711,
      dataFolder: '/data/postgres',
      startedAt: 1_795_167_689,
      port: 54_329,
    });
  });

  it.each([
    ['nothing', ''],
    ['a file cut off in the middle', '4711\n/data/postgres\n17951'],
    ['words where numbers belong', 'pid\n/data/postgres\nnow\n54329\n'],
    ['the negative id of a single-user server', '-4711\n/data/postgres\n1795167689\n54329\n'],
  ])('is undefined for %s', (_case, text) => {
    expect(parsePostmasterFile(text)).toBeUndefined();
  });
});
