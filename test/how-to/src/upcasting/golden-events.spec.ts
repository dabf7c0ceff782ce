import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { postgresEventStore } from '@millrace/event-sourcing';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { points } from './points.ts';
import { pointsEventTypesBeside } from './points-events-beside-0.1.0.ts';
import { pointsEventTypes } from './points-events.ts';

describe('the events of released versions', () => {
  it('fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, 'golden-events'), pointsEventTypes, { points });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(pointsEventTypes);
  });

  it('are still stored for events that fit them', () => {
    assertUpcastersTotal(pointsEventTypesBeside);
    const { toStored } = postgresEventStore({ events: [pointsEventTypesBeside] }).settings.catalog;
    const earned = { type: 'PointsEarned', customerId: 'ada', points: 20 };
    expect(toStored({ ...earned, orderId: null } as never)).toEqual({ event: earned, schemaVersion: 1 });
    expect(toStored({ ...earned, orderId: 'order-1' } as never).schemaVersion).toBe(2);
  });
});
