/**
 * Reads rows after the cursor, limited by number and size, but at least one. $1 position, $2 rows,
 * $3 bytes of payload.
 */
export const outboxAfter = `
  SELECT position, id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers
  FROM (
    SELECT next.*, sum(coalesce(octet_length(payload), 0)) OVER (ORDER BY position) - coalesce(octet_length(payload), 0) AS bytes_before
    FROM (SELECT * FROM outbox WHERE position > $1 ORDER BY position LIMIT $2) AS next
  ) AS measured
  WHERE bytes_before < $3
  ORDER BY position`;

/**
 * Takes a lease that has expired or is the relay's own. At its start ($4 null) any lease of its
 * name is its own, and later only the one with epoch $4. The new epoch fences the previous holder.
 * $1 name, $2 holder, $3 lease in ms.
 */
export const takeLease = `
  UPDATE relay_cursor
  SET holder = $2, epoch = epoch + 1, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE name = $1 AND (lease_until <= clock_timestamp() OR (holder = $2 AND epoch = coalesce($4, epoch)))
  RETURNING position, epoch, incarnation, delivery, connector_slot`;

/**
 * Reads whether the cursor can belong to this store. The sequence only grows, so it is read after
 * the cursor's row.
 */
export const cursorAndStore = `
  SELECT position, incarnation = (SELECT id FROM store_incarnation) AS same_store,
    (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_position_sequence) AS last_position
  FROM relay_cursor WHERE name = $1`;

/** $1 position, $2 message id. */
export const outboxRow = `SELECT 1 FROM outbox WHERE position = $1 AND id = $2`;

/**
 * Finds a lease with the same holder name that is newer than the one that this relay had. $1 name,
 * $2 holder, $3 epoch of this relay's lease.
 */
export const newerLeaseOfHolder = `
  SELECT epoch, lease_until::text AS until FROM relay_cursor
  WHERE name = $1 AND holder = $2 AND epoch > $3 AND lease_until > clock_timestamp()`;

/** $1 name, $2 epoch, $3 lease in ms. */
export const renewLease = `
  UPDATE relay_cursor SET lease_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE name = $1 AND epoch = $2`;

/**
 * Moves the cursor, after the broker's acknowledgement and never before. It compares and sets: $4
 * is the position that this holder expects. Its commit does not wait for the disk. A crash of the
 * database may set the cursor back by a few hundred milliseconds, and messages that were published
 * since then appear on the log twice.
 */
export const advanceCursor = `
  WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE relay_cursor SET position = $5, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  FROM relaxed WHERE name = $1 AND epoch = $2 AND position = $4
  RETURNING incarnation`;

/**
 * $1 name, $2 epoch, $3 lease in ms, $4 delivery, $5 slot of the connector or null. Its commit waits
 * for the disk.
 */
export const declareDelivery = `
  UPDATE relay_cursor SET delivery = $4, connector_slot = $5, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE name = $1 AND epoch = $2`;

export const releaseLease = `UPDATE relay_cursor SET lease_until = '-infinity' WHERE name = $1 AND epoch = $2`;

export const relayStatus = `
  SELECT position, epoch, CASE WHEN lease_until > clock_timestamp() THEN holder END AS holder,
    (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 * 1000
     FROM outbox WHERE outbox.position > relay_cursor.position ORDER BY outbox.position LIMIT 1) AS oldest_age_ms
  FROM relay_cursor WHERE name = $1`;

/**
 * Reads rows after the cursor in the order of the primary key, so it does not touch rows that were
 * published long ago. $1 name, $2 rows.
 */
export const outboxFiguresStatement = `
  SELECT count(*)::integer AS pending,
    coalesce(greatest(extract(epoch FROM clock_timestamp() - min(created_at)), 0), 0)::float8 * 1000 AS oldest_age_ms
  FROM (
    SELECT created_at FROM outbox
    WHERE position > (SELECT position FROM relay_cursor WHERE name = $1)
    ORDER BY position LIMIT $2
  ) AS unpublished`;
