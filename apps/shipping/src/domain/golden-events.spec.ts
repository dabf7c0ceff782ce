import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { returnLabel } from './return-label.ts';
import { shipment } from './shipment.ts';
import { returnLabelEventTypes, shipmentEventTypes } from './events.ts';

describe('the events of released versions', () => {
  const types = { ...shipmentEventTypes, ...returnLabelEventTypes };

  it('fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, '../../golden-events'), types, {
      shipment,
      returnLabel,
    });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(types);
  });
});
