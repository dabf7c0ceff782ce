import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { order } from './order.ts';
import { returnEventTypes } from '../returns/events.ts';
import { orderReturn } from '../returns/return.ts';
import { orderEventTypes } from './events.ts';

describe('the events of released versions', () => {
  const types = { ...orderEventTypes, ...returnEventTypes };

  it('E24 fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, '../../golden-events'), types, {
      order,
      return: orderReturn,
    });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(types);
  });
});
