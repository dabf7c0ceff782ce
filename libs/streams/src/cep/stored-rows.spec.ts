import { describe, expect, it } from '@jest/globals';
import { encodeText } from '../serdes/serdes.ts';
import { eventRow, placeOfRow, timerKey, timerRow, timeOfRow } from './event-rows.ts';
import { storedRuns, type StoredRuns } from './stored-runs.ts';

const bytes = (...hex: readonly string[]): Buffer => Buffer.from(hex.join(''), 'hex');
const hexOf = (row: Uint8Array): string => Buffer.from(row).toString('hex');

/** Never change these rows: they are in the changelogs of applications. */
const rowOfVersion1 = bytes(
  '01', // version
  '0badf00d', // shape of the pattern
  '0000000000000064', // timer at 100 ms
  '00000002000000020000000200000001', // 2 events, 2 taken, 2 open, 1 complete
  '0000000000000005000000000000000100000001', // at 5 ms, the first, 1 byte
  '0000000000000007000000000000000200000002', // at 7 ms, the second, 2 bytes
  '0000000000000000ffffffff', // step 0 took event 0, nothing before
  '000000010000000100000000', // step 1 took event 1, after the first
  '0000000200000001', // open: state 2, took the second last
  '00000000ffffffff', // open: waits for its first event
  '0000000300000000', // complete: state 3, took the first last
  '616263', // the bytes of both events
);

const runs: StoredRuns = {
  shape: 0x0badf00d,
  timerMs: 100,
  events: [
    { timeMs: 5, sequence: 1, bytes: bytes('61') },
    { timeMs: 7, sequence: 2, bytes: bytes('6263') },
  ],
  taken: [
    { step: 0, event: 0, before: -1 },
    { step: 1, event: 1, before: 0 },
  ],
  open: [
    { state: 2, last: 1 },
    { state: 0, last: -1 },
  ],
  complete: [{ state: 3, last: 0 }],
};

describe('the rows that a detection stores', () => {
  it('T23 of version 1 are read as they were written', () => {
    expect(storedRuns.decode(rowOfVersion1, 'changelog')).toEqual(runs);
  });

  it('T23 are written in version 1', () => {
    expect(hexOf(storedRuns.encode(runs, 'changelog')!)).toBe(hexOf(rowOfVersion1));
  });

  it('of a newer version are refused, and the error says what to do', () => {
    const newer = Buffer.from(rowOfVersion1).fill(2, 0, 1);

    expect(() => storedRuns.decode(newer, 'app-runs-changelog')).toThrow(
      /^app-runs-changelog has runs of version 2, and this release reads up to 1\. Start the newer release/,
    );
  });

  it('T23 keep the places of waiting events and timers', () => {
    const event = bytes('0000000000000064', '01', '0000000000000007');
    expect(hexOf(eventRow({ timeMs: 100, sequence: 7 }))).toBe(hexOf(event));
    expect(placeOfRow(event)).toEqual({ timeMs: 100, sequence: 7 });
    expect(timerKey(event)).toBeUndefined();

    const timer = bytes('0000000000000064', '00', '646f6f72');
    expect(hexOf(timerRow(100, encodeText('door')))).toBe(hexOf(timer));
    expect(timeOfRow(timer)).toBe(100);
    expect(hexOf(timerKey(timer)!)).toBe('646f6f72');
  });
});
