import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { points } from './points.ts';
import { pointsEventTypes } from './points-events.ts';

describe('the events of released versions', () => {
  it('fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, 'golden-events'), pointsEventTypes, { points });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(pointsEventTypes);
  });
});
