import type { ProcessInstance, ProcessInstances } from '@millrace/service-chassis/saga';
import type { SqlRow } from '@millrace/streaming-core/postgres';
import type { ChoreographedOrder } from './choreographed-order.ts';
import { openParts } from './choreographed-views.ts';

const columns = `order_id AS "orderId", status, reason, reserved_at AS "reservedAt", paid_at AS "paidAt",
  shipped_at AS "shippedAt", completed_at AS "completedAt", committed_at AS "committedAt",
  failed_at AS "failedAt", released_at AS "releasedAt", refunded_at AS "refundedAt",
  cancelled_at AS "cancelledAt", started_at AS "startedAt", updated_at AS "updatedAt"`;

const oneOrder = `
  SELECT ${columns}
  FROM choreographed_order WHERE order_id = CASE WHEN pg_input_is_valid($1, 'uuid') THEN $1::uuid END`;

/** Reads the partial index of orders that have not ended. */
const openOrders = `
  SELECT ${columns}
  FROM choreographed_order WHERE status IN ('running', 'compensating') ORDER BY updated_at LIMIT $1`;

/** Choreographed orders for operators, and for the alarm on one that waits for too long. */
export const operatedOrders: ProcessInstances = {
  async one(database, id) {
    const { rows } = await database.query(oneOrder, [id]);
    return rows.map(instanceOf)[0];
  },
  async open(database, limit) {
    const { rows } = await database.query(openOrders, [limit]);
    return rows.map(instanceOf);
  },
};

function instanceOf(row: SqlRow): ProcessInstance {
  // JSON turns the times into text, as the entity has them.
  const order = JSON.parse(JSON.stringify(row)) as ChoreographedOrder;
  const { orderId: id, status, reason, startedAt, updatedAt } = order;
  const waitsFor = openParts(order).map(({ name, event, beganAt }) => ({
    step: name,
    message: event,
    since: beganAt,
  }));
  return { id, status, reason, waitsFor, startedAt, updatedAt };
}
