import { describe, expect, it } from '@jest/globals';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { DeadLetterOffice } from '../dead-letters/dead-letter-office.ts';
import { OpsDeadLettersController } from './dead-letters.controller.ts';

const lettersOfScan = (scan: number): DeadLetter =>
  ({ id: `a.dlq:0:${scan}`, at: '2026-11-22T09:00:00Z' }) as DeadLetter;

/** A log without an end. Letters of the scans before `openFrom` are decided. */
function endlessOffice(openFrom: number) {
  let scans = 0;
  const office = {
    scan: () => {
      const letter = lettersOfScan(scans++);
      return Promise.resolve({ letters: [letter], next: { topic: 'a.dlq', partition: 0, offset: 9n } });
    },
    decisions: ([letter]: readonly DeadLetter[]) =>
      Promise.resolve(new Map(scans <= openFrom ? [[letter!.id, {}]] : [])),
    carryOut: (letters: readonly DeadLetter[]) =>
      Promise.resolve(letters.map((letter) => ({ letter, outcome: 'redriven' }))),
  } as unknown as DeadLetterOffice;
  return { office, scans: () => scans };
}

const redrive = (office: DeadLetterOffice) =>
  new OpsDeadLettersController(office).redrive('ada', {
    filter: {},
    limit: 100,
    dryRun: false,
    reason: 'INC-7',
  });

describe('a redrive by filter', () => {
  it('looks past decided letters, and reads no further once it has found open ones', async () => {
    const { office, scans } = endlessOffice(2);

    expect(await redrive(office)).toMatchObject({ redriven: 1, more: true });
    expect(scans()).toBe(3);
  });

  it('ends without a letter if those at the beginning are decided, and says where to continue', async () => {
    const { office, scans } = endlessOffice(1_000);

    expect(await redrive(office)).toMatchObject({ items: [], nextCursor: expect.any(String) });
    expect(scans()).toBe(10);
  });
});
