import { ApplicationFailure } from '@temporalio/common';
import pg from 'pg';

const names = [
  'reserveInventory',
  'processPayment',
  'scheduleShipment',
  'completeOrder',
  'commitReservation',
  'releaseInventory',
  'refundPayment',
  'cancelShipment',
  'cancelOrder',
];

/**
 * The activities. Each writes its effect in one statement, once per order, because Temporal may run an activity again
 * after its worker has died. `provider` says how the payment provider treats refunds: `up`, `down` or `refuses`.
 */
export function openActivities(databaseUrl, provider) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8 });
  const effect = (name) => async (order) => {
    if (name === 'scheduleShipment' && order.postcode === '00000')
      throw ApplicationFailure.nonRetryable('the carrier refuses the address', 'address_refused');
    if (name === 'refundPayment' && provider.refunds === 'refuses')
      throw ApplicationFailure.nonRetryable('the provider refuses the refund', 'refund_refused');
    if (name === 'refundPayment' && provider.refunds === 'down')
      throw new Error('the provider does not answer');
    await pool.query(
      'INSERT INTO effect (name, order_id, detail) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [name, order.orderId, order],
    );
  };
  return {
    activities: Object.fromEntries(names.map((name) => [name, effect(name)])),
    prepare: () =>
      pool.query(
        `CREATE TABLE effect (number bigserial, name text, order_id text, detail jsonb NOT NULL,
           PRIMARY KEY (name, order_id))`,
      ),
    effectsOf: async (orderId) => {
      const { rows } = await pool.query('SELECT name FROM effect WHERE order_id = $1 ORDER BY number', [
        orderId,
      ]);
      return rows.map(({ name }) => name);
    },
    close: () => pool.end(),
  };
}
