import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';
import type { PointsEvent } from './points-events.ts';

type PointsCommand =
  | {
      readonly type: 'EarnPoints';
      readonly customerId: string;
      readonly points: number;
      readonly orderId: string;
    }
  | { readonly type: 'SpendPoints'; readonly customerId: string; readonly points: number };

type PointsRejection = 'insufficient_points';

/** The points of a customer, and the orders that earned some. */
interface Points {
  readonly balance: number;
  readonly orders: readonly string[];
}

const initialState: Points = { balance: 0, orders: [] };

export const points: Decider<PointsCommand, PointsEvent, Points, PointsRejection> = {
  initialState,

  decide(command, { balance, orders }) {
    switch (command.type) {
      case 'EarnPoints':
        return orders.includes(command.orderId) ? [] : [{ ...command, type: 'PointsEarned' }];
      case 'SpendPoints':
        return balance < command.points
          ? rejected('insufficient_points', { balance })
          : [{ ...command, type: 'PointsSpent' }];
      default:
        return assertNever(command);
    }
  },

  evolve({ balance, orders }, event) {
    switch (event.type) {
      case 'PointsEarned':
        return {
          balance: balance + event.points,
          orders: event.orderId === null ? orders : [...orders, event.orderId],
        };
      case 'PointsSpent':
        return { balance: balance - event.points, orders };
      default:
        return assertNever(event);
    }
  },
};
