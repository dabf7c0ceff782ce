import { describe, it } from '@jest/globals';
import { given } from '@millrace/testing';
import { points } from './points.ts';
import type { PointsEvent } from './points-events.ts';

const customerId = 'ada';
const earned = (amount: number, orderId: string | null): PointsEvent => ({
  type: 'PointsEarned',
  customerId,
  points: amount,
  orderId,
});
const earn = (amount: number, orderId: string) =>
  ({ type: 'EarnPoints', customerId, points: amount, orderId }) as const;
const spend = (amount: number) => ({ type: 'SpendPoints', customerId, points: amount }) as const;

describe('the points of a customer', () => {
  it('are earned once for each order', () => {
    given(points)
      .when(earn(20, 'order-1'))
      .then([earned(20, 'order-1')]);
    given(points, [earned(20, 'order-1')])
      .when(earn(20, 'order-1'))
      .then([]);
  });

  it('of release 0.1.0 can be spent too', () => {
    given(points, [earned(20, null)])
      .when(spend(20))
      .then([{ type: 'PointsSpent', customerId, points: 20 }]);
  });

  it('cannot be spent twice', () => {
    given(points, [earned(20, 'order-1')])
      .when(spend(21))
      .thenRejected('insufficient_points', { balance: 20 });
  });
});
