import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { repair, repairReplies, repairStarts } from '../decision/sample-repair.fixture.ts';
import { trip, tripEvents, tripRejections } from '../decision/sample-saga.fixture.ts';
import { assertGoldenHistories, type GoldenHistory } from './golden-histories.ts';
import { recordGoldenHistories } from './record-histories.ts';

const samples = {
  trip: {
    start: tripEvents.TripAsked({ tripId: 't1', city: 'Rome' }),
    personal: { guest: 'Ada' },
    replies: tripRejections,
  },
  repair: { start: repairStarts[0]!, replies: repairReplies },
};

describe('histories that are recorded', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-histories-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = () => join(folder, 'trip-1.json');
  const recorded = () => JSON.parse(readFileSync(file(), 'utf8')) as readonly GoldenHistory[];

  it('are those in which everything is accepted, and in which each step is rejected', () => {
    recordGoldenHistories(folder, [trip], samples);

    expect(recorded().map(({ name, ends }) => [name, ends])).toEqual([
      ['everything is accepted', 'completed'],
      ['room is rejected', 'compensated'],
      ['seat is rejected', 'compensated'],
      ['car is rejected', 'compensated'],
      ['confirm is rejected', 'compensated'],
    ]);
  });

  it('are what a definition sends, also with waits, groups and branches', () => {
    recordGoldenHistories(folder, [trip, repair], samples);

    assertGoldenHistories(folder, [trip, repair]);
  });

  it('leave a file as it is that says what a release sends', () => {
    writeFileSync(file(), '[]');

    recordGoldenHistories(folder, [trip], samples);

    expect(recorded()).toEqual([]);
  });

  it('need samples of their definition', () => {
    expect(() => recordGoldenHistories(folder, [trip], {})).toThrow('there are no samples of trip');
    expect(readdirSync(folder)).toEqual([]);
  });
});
