/**
 * Inserts rows in the order of the arrays. `position` comes from its default, which takes the
 * transaction's id and then draws from the sequence. An INSERT ... SELECT with ORDER BY evaluates
 * defaults row by row after the sort, and returns the positions in the same order.
 */
export const insertOutboxRows = `
  INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers)
  SELECT id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers
  FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::text[], $13::jsonb[]
  ) WITH ORDINALITY AS row(
    id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers, number
  )
  ORDER BY number
  RETURNING position`;
