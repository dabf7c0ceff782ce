import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { repair, repairEvents, workshopCommands, workshopEvents } from '../decision/sample-repair.fixture.ts';
import { assertGoldenHistories } from './golden-histories.ts';

const at = '2026-11-20T09:00:00.000Z';
const repairId = 'r1';
const asked = repairEvents.RepairAsked({ repairId, price: 50, warranty: false });
const start = {
  type: 'start',
  sagaId: repairId,
  message: asked,
  messageId: 'm0',
  correlationId: repairId,
  startTopic: 'repair-events',
  partition: 0,
  at,
};
const slot = workshopEvents.SlotRefused({ repairId, reason: 'no_slot' });
const bookSlot = workshopCommands.BookSlot({ repairId, approvedBy: 'nobody' });
const close = workshopCommands.CloseRepair({ repairId, reason: 'no_slot', slot: 'none' });

/** The deadline has the id c1, and the first command c2. */
const history = {
  name: 'no slot',
  turns: [
    { input: start, sends: [bookSlot] },
    { input: { type: 'reply', message: slot, messageId: 'm1', causationId: 'c2', at }, sends: [close] },
  ],
  ends: 'closing',
};

describe('golden histories', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-histories-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const check = (histories: readonly unknown[] | undefined, file = 'repair-1.json') => {
    if (histories !== undefined) writeFileSync(join(folder, file), JSON.stringify(histories));
    assertGoldenHistories(folder, [repair]);
  };

  it('pass if the saga sends what it sent at its release', () => {
    expect(() => check([history])).not.toThrow();
  });

  it.each([
    [
      'other content',
      [{ input: start, sends: [{ ...bookSlot, approvedBy: 'ada' }] }],
      'after input 1 (start)',
    ],
    ['a command less', [{ input: start, sends: [] }], 'after input 1 (start)'],
    ['another end', [{ input: start, sends: [bookSlot] }], 'the saga ends differently'],
  ])('report %s', (_what, turns, problem) => {
    expect(() => check([{ ...history, turns }])).toThrow(problem);
  });

  it('report a definition without histories, and histories without a definition', () => {
    expect(() => check(undefined)).toThrow('repair-1.json is missing: record it with recordGoldenHistories');
    expect(() => check([])).toThrow('has no history');
    writeFileSync(join(folder, 'repair-0.json'), '[]');
    expect(() => check([history])).toThrow('repair-0.json belongs to no definition');
  });
});
