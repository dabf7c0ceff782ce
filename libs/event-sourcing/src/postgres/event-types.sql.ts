/**
 * Adds the declared event types ($1) with their present versions ($2), and returns those that
 * earlier releases have added and that these declarations do not cover.
 */
export const DECLARE_TYPES = `
  WITH declared AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::integer[]) AS declared (type, present)
  ), added AS (
    INSERT INTO event_type (type, schema_version) SELECT type, present FROM declared ORDER BY type
    ON CONFLICT DO NOTHING
  )
  SELECT known.type, known.schema_version
  FROM event_type AS known
  LEFT JOIN declared ON declared.type = known.type
  WHERE declared.type IS NULL OR known.schema_version > declared.present
  ORDER BY known.type, known.schema_version`;

/** The count of the events of a type ($1) and version ($2), up to $3, and one of their streams. */
export const COUNT_EVENTS = `
  SELECT count(*) AS count, min(stream) AS stream
  FROM (SELECT stream FROM event WHERE type = $1 AND schema_version = $2 LIMIT $3::integer) AS found`;

/** The count reads the whole table if there are few such events, which may take minutes. */
export const WITHOUT_TIMEOUT = 'SET LOCAL transaction_timeout = 0';
