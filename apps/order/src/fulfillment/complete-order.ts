import { orderCommands } from '@millrace/contracts';
import type { OrderCommand } from '../domain/order.ts';

/** Turns the saga's pivot into the command that the order's own stream decides. */
export const completeOrder = (command: unknown, completedAt: string): OrderCommand => {
  const { type, orderId } = orderCommands.CompleteOrder.schema.parse(command);
  return { type, orderId, completedAt };
};
