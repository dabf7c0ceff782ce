/** SQL that reads the events alone, or compares the events with the services' read models. */
import { choreography } from './choreography.ts';

/** The events that change the status of an order. */
const orderStatusEvents = `type IN ('OrderCreated', 'OrderCancellationRequested', 'OrderCompleted', 'OrderCancelled')`;

export const ledger = `
  SELECT substring(stream FROM 9) AS customer,
    sum(CASE type WHEN 'MoneyDeposited' THEN 1 WHEN 'MoneyWithdrawn' THEN -1 ELSE 0 END *
      coalesce((data->>'amount')::bigint, 0)) AS balance
  FROM event WHERE stream LIKE 'account-%' GROUP BY stream`;

/** The deposits that customers made themselves, without the refunds of orders. */
export const deposits = `
  SELECT substring(stream FROM 9) AS customer,
    coalesce(sum((data->>'amount')::bigint) FILTER (WHERE type = 'MoneyDeposited' AND NOT data ? 'orderId'), 0)
      AS amount
  FROM event WHERE stream LIKE 'account-%' GROUP BY stream`;

export const stockMoves = `
  SELECT substring(stream FROM 7) AS sku, type, data->>'orderId' AS order_id, (data->>'quantity')::bigint AS quantity
  FROM event WHERE stream LIKE 'stock-%' AND data ? 'quantity' ORDER BY position`;

export const orders = `
  SELECT substring(e.stream FROM 7) AS order_id, e.data->>'customerId' AS customer,
    (e.data->'total'->>'amount')::bigint AS amount, e.data->'lines' AS lines,
    e.personal->'paymentMethod' ? 'card' AS by_card_in_plain_text,
    coalesce((SELECT CASE type WHEN 'OrderCompleted' THEN 'completed' ELSE 'cancelled' END
      FROM event l WHERE l.stream = e.stream AND l.type IN ('OrderCompleted', 'OrderCancelled')), 'open') AS status,
    (SELECT data->>'reason' FROM event l WHERE l.stream = e.stream AND l.type = 'OrderCancelled') AS reason
  FROM event e WHERE e.stream LIKE 'order-%' AND e.type = 'OrderCreated'`;

/** Every stream with the events of a return has a name that ends with the order's id. */
export const returns = `
  SELECT right(e.stream, 36) AS order_id, e.data->'lines' AS lines,
    (e.data->'refund'->>'amount')::bigint AS refund,
    coalesce((SELECT CASE type WHEN 'ReturnCompleted' THEN 'completed' ELSE 'closed' END
      FROM event l WHERE l.stream = e.stream AND l.type IN ('ReturnCompleted', 'ReturnClosed')), 'open') AS status
  FROM event e WHERE e.type = 'ReturnRequested'`;

const processesIn = (stream: string, ends: readonly string[]): string => `
  SELECT right(stream, 36) AS order_id, bool_or(type IN (${ends.map((type) => `'${type}'`).join(', ')})) AS ended
  FROM event WHERE stream LIKE '${stream}-%' GROUP BY stream`;

/** Whether what directs or follows each order has ended. */
export const sagas = [
  processesIn('saga-fulfillment', ['SagaCompleted', 'SagaCompensated']),
  processesIn(choreography.stream, choreography.ends),
].join(' UNION ALL ');

/**
 * The orders that are paid by card, as payment has recorded them. What the customer has chosen is
 * sealed in the order, except in those of earlier releases.
 */
export const cardOrders = `SELECT data->>'orderId' AS order_id FROM event WHERE type = 'CardChargeRequested'`;

/**
 * The payments by account from the ledger's events, and by card from the provider's own books, with
 * the refunds of returns and their reversals.
 */
export const payments = `
  SELECT data->>'orderId' AS order_id,
    type = 'MoneyDeposited' AS back, (data->>'amount')::bigint AS amount, 'account' AS by,
    data->>'purpose' AS purpose
    FROM event WHERE stream LIKE 'account-%' AND data ? 'orderId'
  UNION ALL
  SELECT split_part(key, ':', 1), false, amount, 'card', NULL FROM provider_charge WHERE outcome = 'approved'
  UNION ALL
  SELECT split_part(c.key, ':', 1), true, c.amount, 'card', NULL
    FROM provider_refund r JOIN provider_charge c ON c.key = r.charge_key
  UNION ALL
  SELECT split_part(key, ':', 2), true, amount, 'card', 'return'
    FROM provider_part_refund WHERE outcome = 'refunded'
  UNION ALL
  SELECT split_part(r.key, ':', 2), false, r.amount, 'card', 'return'
    FROM provider_reversal v JOIN provider_part_refund r ON r.key = v.refund_key`;

/**
 * The last event of each shipment, and whether the carrier's own books have a booking that was not
 * cancelled.
 */
export const shipments = `
  SELECT order_id, last,
    EXISTS (SELECT FROM simulated_carrier_booking b
      WHERE split_part(b.key, ':', 1) = order_id AND b.outcome = 'booked' AND b.cancelled_at IS NULL) AS booked
  FROM (SELECT substring(stream FROM 10) AS order_id,
          (array_agg(type ORDER BY version DESC))[1] AS last
        FROM event WHERE stream LIKE 'shipment-%' GROUP BY stream) told`;

export const mailsTold = `SELECT data->>'orderId' AS order_id, data->>'kind' AS kind
  FROM event WHERE stream LIKE 'mail-%' AND type = 'NotificationSent'`;

/**
 * The dead letters that a service has written and that no operator has decided about. A message that
 * is redriven and fails again has another place on its topic, and is a letter of its own.
 */
export const deadLetters = `SELECT topic, key, type, headers->>'dlq_reason' AS reason
  FROM outbox letter WHERE topic LIKE '%.dlq' AND NOT EXISTS (
    SELECT FROM dead_letter_decision decided
    WHERE decided.topic = letter.topic AND decided.consumer_group = letter.headers->>'dlq_group'
      AND decided.origin_partition::text = letter.headers->>'dlq_partition'
      AND decided.origin_offset::text = letter.headers->>'dlq_offset')`;

/** What the overview of an order has to show, by service: `order_id` and the columns that follow from its events. */
export const orderWords = `
  SELECT substring(stream FROM 7) AS order_id, max(version)::text AS version,
    CASE (array_agg(type ORDER BY version DESC) FILTER (WHERE ${orderStatusEvents}))[1]
      WHEN 'OrderCreated' THEN 'pending'
      WHEN 'OrderCancellationRequested' THEN 'cancelling'
      WHEN 'OrderCompleted' THEN 'completed'
      WHEN 'OrderCancelled' THEN 'cancelled' END AS status,
    max(data->>'customerId') FILTER (WHERE type = 'OrderCreated') AS customer,
    max(data->'total'->>'amount') FILTER (WHERE type = 'OrderCreated') AS amount
  FROM event WHERE stream LIKE 'order-%' GROUP BY stream`;

const orderReadModel = `
  WITH told AS (
    SELECT substring(stream FROM 7) AS id, max(version) AS version,
      CASE (array_agg(type ORDER BY version DESC) FILTER (WHERE ${orderStatusEvents}))[1]
        WHEN 'OrderCreated' THEN 'pending'
        WHEN 'OrderCancellationRequested' THEN 'cancelling'
        WHEN 'OrderCompleted' THEN 'completed'
        WHEN 'OrderCancelled' THEN 'cancelled' END AS status
    FROM event WHERE stream LIKE 'order-%' GROUP BY stream)
  SELECT 'order ' || coalesce(id, order_id::text) AS subject,
    concat_ws(' at version ', t.status, t.version) AS events,
    concat_ws(' at version ', s.status, s.version) AS read_model
  FROM told t FULL JOIN order_summary s ON s.order_id::text = t.id
  WHERE (t.status, t.version) IS DISTINCT FROM (s.status, s.version)`;

const sagaReadModel = `
  WITH told AS (
    SELECT stream AS id,
      bool_or(type = 'SagaCompleted') AS completed,
      bool_or(type = 'SagaCompensated') AS compensated
    FROM event WHERE stream LIKE 'saga-%' GROUP BY stream),
  shown AS (SELECT 'saga-' || definition || '-' || saga_id AS id, status FROM saga_instance)
  SELECT 'stream ' || coalesce(t.id, s.id) AS subject,
    CASE WHEN completed THEN 'completed' WHEN compensated THEN 'compensated' ELSE 'open' END AS events,
    s.status AS read_model
  FROM told t FULL JOIN shown s ON s.id = t.id
  WHERE (t.id, completed, compensated)
    IS DISTINCT FROM (s.id, s.status = 'completed', s.status = 'compensated')`;

/** The sum of the quantities of some events, those of `less` subtracted. */
const unitsOf = (more: readonly string[], less: readonly string[]): string => {
  const words = (types: readonly string[], sign: number) =>
    types.map((type) => `WHEN '${type}' THEN ${sign}`).join(' ');
  return `coalesce(sum(CASE type ${words(more, 1)} ${words(less, -1)} ELSE 0 END * (data->>'quantity')::bigint), 0)`;
};

const stockReadModel = `
  WITH told AS (
    SELECT substring(stream FROM 7) AS id,
      ${unitsOf(['StockReceived', 'StockReleased', 'StockRestocked'], ['StockReserved'])} AS on_hand,
      ${unitsOf(['StockReserved'], ['StockReleased', 'StockShipped'])} AS reserved,
      ${unitsOf(['StockShipped', 'StockSentBack'], ['StockReturned'])} AS shipped,
      ${unitsOf(['StockReturned'], ['StockSentBack', 'StockRestocked'])} AS returned
    FROM event WHERE stream LIKE 'stock-%' GROUP BY stream)
  SELECT 'product ' || coalesce(id, sku) AS subject,
    concat_ws('/', t.on_hand, t.reserved, t.shipped, t.returned) AS events,
    concat_ws('/', p.on_hand, p.reserved, p.shipped, p.returned) AS read_model
  FROM told t FULL JOIN product p ON p.sku = t.id
  WHERE (t.on_hand, t.reserved, t.shipped, t.returned)
    IS DISTINCT FROM (p.on_hand::numeric, p.reserved::numeric, p.shipped::numeric, p.returned::numeric)`;

const accountReadModel = `
  WITH told AS (
    SELECT substring(stream FROM 9) AS id,
      coalesce(sum(
        CASE type WHEN 'MoneyDeposited' THEN 1 WHEN 'MoneyWithdrawn' THEN -1 END
        * (data->>'amount')::bigint), 0) AS balance,
      max(version) AS version
    FROM event WHERE stream LIKE 'account-%' GROUP BY stream)
  SELECT 'account ' || coalesce(id, account_id) AS subject,
    concat_ws(' at version ', t.balance, t.version) AS events,
    concat_ws(' at version ', a.balance, a.version) AS read_model
  FROM told t FULL JOIN account_summary a ON a.account_id = t.id
  WHERE (t.balance, t.version) IS DISTINCT FROM (a.balance::numeric, a.version)`;

/** Compares the last event of each stream of a kind with the status in its read model. */
const lastWord = (options: {
  stream: string;
  table: string;
  words: Readonly<Record<string, string>>;
}): string => `
  WITH told AS (
    SELECT substring(stream FROM ${options.stream.length + 2}) AS id,
      CASE (array_agg(type ORDER BY version DESC) FILTER (WHERE type IN (${Object.keys(options.words)
        .map((type) => `'${type}'`)
        .join(', ')})))[1] ${Object.entries(options.words)
        .map(([type, word]) => `WHEN '${type}' THEN '${word}'`)
        .join(' ')} END AS status
    FROM event WHERE stream LIKE '${options.stream}-%' GROUP BY stream)
  SELECT '${options.stream} ' || coalesce(id, order_id::text) AS subject, t.status AS events, r.status AS read_model
  FROM told t FULL JOIN ${options.table} r ON r.order_id::text = t.id
  WHERE t.status IS DISTINCT FROM r.status`;

const reservationWords = {
  InventoryReserved: 'reserved',
  InventoryReserveFailed: 'failed',
  InventoryReleased: 'released',
  ReservationCommitted: 'committed',
};

const reservationReadModel = lastWord({
  stream: 'reservation',
  table: 'reservation',
  words: reservationWords,
});

const shipmentWords = {
  ShipmentScheduled: 'scheduled',
  ShipmentCancelled: 'cancelled',
  ShipmentDispatched: 'dispatched',
  ShipmentDelivered: 'delivered',
};

const shipmentReadModel = lastWord({
  stream: 'shipment',
  table: 'shipment',
  words: { ...shipmentWords, ShipmentFailed: 'refused' },
});

const returnLabelReadModel = lastWord({
  stream: 'return-label',
  table: 'return_label',
  words: {
    ReturnLabelMade: 'made',
    ReturnLabelRefused: 'refused',
    ReturnLabelVoided: 'voided',
    ReturnParcelReceived: 'received',
  },
});

const returnRefundReadModel = lastWord({
  stream: 'return',
  table: 'return_refund',
  words: {
    CardReturnRefundRequested: 'refunding',
    ReturnRefunded: 'refunded',
    ReturnRefundRefused: 'refused',
    ReturnRefundReversalRequested: 'reversing',
    ReturnRefundReversed: 'reversed',
  },
});

const mailReadModel = `
  WITH told AS (SELECT data->>'orderId' AS id, data->>'kind' AS kind
    FROM event WHERE stream LIKE 'mail-%' AND type = 'NotificationSent')
  SELECT 'mail ' || coalesce(t.id, n.order_id::text) AS subject, t.kind AS events, n.kind AS read_model
  FROM told t FULL JOIN notification n ON n.order_id::text = t.id AND n.kind = t.kind
  WHERE t.id IS NULL OR n.order_id IS NULL`;

const lastOf = (stream: string, words: Readonly<Record<string, string>>): string => `
  SELECT substring(stream FROM ${stream.length + 2}) AS order_id,
    CASE (array_agg(type ORDER BY version DESC))[1] ${Object.entries(words)
      .map(([type, word]) => `WHEN '${type}' THEN '${word}'`)
      .join(' ')} END AS ${stream}
  FROM event WHERE stream LIKE '${stream}-%' AND type IN (${Object.keys(words)
    .map((type) => `'${type}'`)
    .join(', ')}) GROUP BY stream`;

export const lastWords = {
  reservation: lastOf('reservation', reservationWords),
  payment: lastOf('payment', {
    PaymentProcessed: 'processed',
    PaymentFailed: 'failed',
    PaymentRefunded: 'refunded',
  }),
  shipment: lastOf('shipment', { ...shipmentWords, ShipmentFailed: 'failed' }),
  mail: `
    SELECT data->>'orderId' AS order_id, (array_agg(data->>'kind' ORDER BY position DESC))[1] AS mail
    FROM event WHERE stream LIKE 'mail-%' AND type = 'NotificationSent' GROUP BY data->>'orderId'`,
} as const;

export const orderOverviews = `
  SELECT order_id::text, version::text, status, customer_id AS customer, total_amount::text AS amount,
    reservation, payment, shipment, mail
  FROM order_overview`;

/**
 * Each statement finds the rows of a read model that differ from the events: `subject`, `events`,
 * `read_model`.
 */
export const readModelDifferences = {
  order: [orderReadModel, sagaReadModel, lastWord(choreography)],
  inventory: [stockReadModel, reservationReadModel],
  payment: [accountReadModel, returnRefundReadModel],
  shipping: [shipmentReadModel, returnLabelReadModel],
  notification: [mailReadModel],
} as const;
