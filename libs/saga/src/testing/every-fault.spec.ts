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
  it.each(everyFault(definition, options))(
    'S01 $title, alone and with every other fault: it ends once, with everything undone or nothing',
    ({ title, play }) => {
      expect(play()).toContain(title);
    },
  );
});
