import { describe, expect, it } from '@jest/globals';
import type { DeadLetter } from '@millrace/operations/dead-letters';
import type { DeadLetterDecisions } from '@millrace/operations/dead-letters';
import { OpsDeadLettersController } from './dead-letters.controller.ts';

const lettersOfScan = (scan: number): DeadLetter =>
  ({ id: `a.dlq:0:${scan}`, at: '2026-11-22T09:00:00Z' }) as DeadLetter;

/** A log without an end. Letters of the scans before `openFrom` are decided. */
function endlessDeadLetters(openFrom: number) {
  let scans = 0;
  const deadLetters = {
    scan: () => {
      const letter = lettersOfScan(scans++);
      return Promise.resolve({ letters: [letter], next: { topic: 'a.dlq', partition: 0, offset: 9n } });
    },
    decisions: ([letter]: readonly DeadLetter[]) =>
      Promise.resolve(new Map(scans <= openFrom ? [[letter!.id, {}]] : [])),
    carryOut: (letters: readonly DeadLetter[]) =>
      Promise.resolve(letters.map((letter) => ({ letter, outcome: 'redriven' }))),
  } as unknown as DeadLetterDecisions;
  return { deadLetters, scans: () => scans };
}

const redrive = (deadLetters: DeadLetterDecisions) =>
  new OpsDeadLettersController(deadLetters).redrive('ada', {
    filter: {},
    limit: 100,
    dryRun: false,
    reason: 'INC-7',
  });

describe('a redrive by filter', () => {
  it('looks past decided letters, and reads no further once it has found open ones', async () => {
    const { deadLetters, scans } = endlessDeadLetters(2);

    expect(await redrive(deadLetters)).toMatchObject({ redriven: 1, more: true });
    expect(scans()).toBe(3);
  });

  it('ends without a letter if those at the beginning are decided, and returns where to continue', async () => {
    const { deadLetters, scans } = endlessDeadLetters(1_000);

    expect(await redrive(deadLetters)).toMatchObject({ items: [], nextCursor: expect.any(String) });
    expect(scans()).toBe(10);
  });
});
