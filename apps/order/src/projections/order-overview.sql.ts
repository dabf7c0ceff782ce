/** $1 changes, each order once. What a change leaves out stays. Rows are locked in the order of their ids, so that two projectors never deadlock. */
export const WRITE_OVERVIEWS = `
  INSERT INTO order_overview AS kept (order_id, customer_id, status, reason, total_amount, total_currency, version, placed_at,
                                      reservation, payment, shipment, mail, updated_at)
  SELECT "orderId", "customerId", status, reason, "totalAmount", "totalCurrency", version, "placedAt",
         reservation, payment, shipment, mail, "updatedAt"
  FROM jsonb_to_recordset($1::jsonb) AS change ("orderId" uuid, "customerId" text, status text, reason text, "totalAmount" bigint,
       "totalCurrency" text, version bigint, "placedAt" timestamptz, reservation text, payment text, shipment text, mail text,
       "updatedAt" timestamptz)
  ORDER BY "orderId"
  ON CONFLICT (order_id) DO UPDATE SET
    customer_id = coalesce(excluded.customer_id, kept.customer_id),
    status = coalesce(excluded.status, kept.status),
    reason = coalesce(excluded.reason, kept.reason),
    total_amount = coalesce(excluded.total_amount, kept.total_amount),
    total_currency = coalesce(excluded.total_currency, kept.total_currency),
    version = greatest(excluded.version, kept.version),
    placed_at = coalesce(excluded.placed_at, kept.placed_at),
    reservation = coalesce(excluded.reservation, kept.reservation),
    payment = coalesce(excluded.payment, kept.payment),
    shipment = coalesce(excluded.shipment, kept.shipment),
    mail = coalesce(excluded.mail, kept.mail),
    updated_at = greatest(excluded.updated_at, kept.updated_at)`;

/** $1 order ids. */
export const OVERVIEW_VERSIONS = `
  SELECT order_id::text AS id, version FROM order_overview WHERE order_id = ANY ($1::text[]::uuid[]) AND placed_at IS NOT NULL`;

const columns = `order_id AS "orderId", customer_id AS "customerId", status, reason, total_amount AS "totalAmount",
  total_currency AS "totalCurrency", version, placed_at AS "placedAt", reservation, payment, shipment, mail, updated_at AS "updatedAt"`;

/** $1 order id. */
export const READ_OVERVIEW = `SELECT ${columns} FROM order_overview WHERE order_id = $1 AND placed_at IS NOT NULL`;

/** $1 statuses, ($2, $3) the place after which the page begins, $4 rows. */
export const PAGE_OF_OVERVIEWS = `
  SELECT ${columns} FROM order_overview
  WHERE placed_at IS NOT NULL AND status = ANY ($1::text[]) AND (placed_at, order_id) < ($2::timestamptz, $3::uuid)
  ORDER BY placed_at DESC, order_id DESC LIMIT $4`;

/** The same of the customer $5. */
export const PAGE_OF_CUSTOMER = `
  SELECT ${columns} FROM order_overview
  WHERE placed_at IS NOT NULL AND status = ANY ($1::text[]) AND (placed_at, order_id) < ($2::timestamptz, $3::uuid) AND customer_id = $5
  ORDER BY placed_at DESC, order_id DESC LIMIT $4`;
