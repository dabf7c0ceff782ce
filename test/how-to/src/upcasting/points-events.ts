import { declareEvents, firstVersion, fromVersion1 } from '@millrace/event-sourcing';
import { z } from 'zod';

/** What release 0.1.0 has stored. It never changes. */
export const pointsEarned1 = z.strictObject({
  type: z.literal('PointsEarned'),
  customerId: z.string(),
  points: z.int().min(1),
});

/** What releases from 0.2.0 on store. */
export const pointsEarned2 = z.strictObject({
  ...pointsEarned1.shape,
  /** The order that earned the points. Release 0.1.0 did not store it. */
  orderId: z.string().nullable(),
});

export type PointsEvent =
  | z.infer<typeof pointsEarned2>
  | { readonly type: 'PointsSpent'; readonly customerId: string; readonly points: number };

export const pointsEventTypes = declareEvents<PointsEvent>({
  PointsEarned: fromVersion1(pointsEarned1).upcastTo(pointsEarned2, (event) => ({ ...event, orderId: null })),
  PointsSpent: firstVersion,
});
