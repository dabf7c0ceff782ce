import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { stock } from './stock.ts';
import { reservation } from './reservation.ts';
import { reservationEventTypes, stockEventTypes } from './events.ts';

describe('the events of released versions', () => {
  const types = { ...stockEventTypes, ...reservationEventTypes };

  it('fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, '../../golden-events'), types, { stock, reservation });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(types);
  });
});
