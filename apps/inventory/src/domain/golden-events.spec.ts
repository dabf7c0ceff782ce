import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { stock } from './stock.ts';
import { reservation } from './reservation.ts';
import { orderReturn } from './return.ts';
import { reservationEventTypes, returnEventTypes, stockEventTypes } from './events.ts';

describe('the events of released versions', () => {
  const types = { ...stockEventTypes, ...reservationEventTypes, ...returnEventTypes };

  it('fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, '../../golden-events'), types, {
      stock,
      reservation,
      orderReturn,
    });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(types);
  });
});
