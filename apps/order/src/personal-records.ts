import type { PersonalRecords } from '@millrace/service-chassis/service';
import { orderStream } from './stream-ids.ts';

const ordersOfCustomer = 'SELECT order_id FROM order_summary WHERE customer_id = $1';

const openOrders = `
  SELECT order_id FROM order_summary
  WHERE customer_id = $1 AND status IN ('pending', 'cancelling')
  ORDER BY placed_at, order_id
  LIMIT $2::integer`;

type OrderRow = { readonly order_id: string };

/** The orders of a customer. An open order still needs the address and the payment method. */
export const personalRecords: PersonalRecords = {
  async streams(transaction, { subject }) {
    const { rows } = await transaction.query<OrderRow>(ordersOfCustomer, [subject]);
    return rows.map(({ order_id: orderId }) => orderStream(orderId));
  },
  async openWork(transaction, subject, limit) {
    const { rows } = await transaction.query<OrderRow>(openOrders, [subject, limit]);
    return { orders: rows.map(({ order_id: orderId }) => orderId) };
  },
};
