import { describe, expect, it } from '@jest/globals';
import { trip, tripEvents, tripRejections } from '../decision/sample-saga.fixture.ts';
import { repair, repairReplies, repairStarts } from '../decision/sample-repair.fixture.ts';
import { everyFault } from './every-fault.ts';

const samples = [
  {
    definition: trip,
    starts: [tripEvents.TripAsked({ tripId: 't1', city: 'Rome' })],
    personal: { guest: 'Ada' },
    replies: tripRejections,
  },
  { definition: repair, starts: repairStarts, replies: repairReplies },
];

describe.each(samples)('every fault of the saga $definition.name', ({ definition, ...options }) => {
  const cases = everyFault(definition, options);
  const met = new Set<string>();

  it.each(cases)(
    'S01 $title, alone and with every other fault: it ends once, with everything undone or nothing',
    ({ play }) => {
      for (const title of play()) met.add(title);
    },
  );

  it('S01 every fault has met the saga', () => {
    expect([...met].toSorted()).toEqual(cases.map(({ title }) => title).toSorted());
  });
});
