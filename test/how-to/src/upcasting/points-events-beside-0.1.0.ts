import { declareEvents, firstVersion, fromVersion1 } from '@millrace/event-sourcing';
import { pointsEarned1, pointsEarned2, type PointsEvent } from './points-events.ts';

/** Stores points without an order as release 0.1.0 has stored them, so that it can still read them. */
export const pointsEventTypesBeside = declareEvents<PointsEvent>({
  PointsEarned: fromVersion1(pointsEarned1).upcastTo(
    pointsEarned2,
    (event) => ({ ...event, orderId: null }),
    {
      fitsBefore: ({ orderId, ...event }) => (orderId === null ? event : undefined),
    },
  ),
  PointsSpent: firstVersion,
});
