/**
 * Every event after a position, without gaps, as the prefix reader requires. Only events of the
 * requested types ($2) come with their contents.
 */
export const READ_EVENTS_AFTER = `
  SELECT position, id, stream, version, type, schema_version, metadata, recorded_at,
         CASE WHEN type = ANY ($2::text[]) THEN data END AS data,
         CASE WHEN type = ANY ($2::text[]) THEN personal END AS personal
  FROM event
  WHERE position > $1::bigint
  ORDER BY position
  LIMIT $3::integer`;

export const ADD_CHECKPOINT =
  'INSERT INTO checkpoint (projection, version) VALUES ($1, $2) ON CONFLICT DO NOTHING';

export const READ_CHECKPOINT = 'SELECT position FROM checkpoint WHERE projection = $1 AND version = $2';

/**
 * The first statement of a batch. It moves the checkpoint from the position that the batch was read
 * from, or finds that another process has moved it. The row stays locked until the read model has
 * committed with it, so an event is applied exactly once however many processes there are.
 */
export const MOVE_CHECKPOINT = `
  UPDATE checkpoint SET position = $4::bigint, updated_at = now()
  WHERE projection = $1 AND version = $2 AND position = $3::bigint`;
