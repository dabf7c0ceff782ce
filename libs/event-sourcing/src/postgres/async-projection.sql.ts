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
 * from. It changes no row if another process has moved the checkpoint or the projection is paused.
 * The row stays locked until the read model has committed with it, so an event is applied exactly
 * once however many processes there are.
 */
export const MOVE_CHECKPOINT = `
  UPDATE checkpoint
  SET position = $4::bigint, updated_at = now(),
      rate = CASE WHEN updated_at < now()
             THEN 0.8 * rate + 0.2 * ($4::bigint - position) / extract(epoch FROM now() - updated_at)
             ELSE rate END
  WHERE projection = $1 AND version = $2 AND position = $3::bigint AND NOT paused`;

/**
 * Both set the time of the last batch to now, so that a pause does not count for the rate, and take
 * a revision that was never used.
 */
export const PAUSE = `
  UPDATE checkpoint SET paused = true, updated_at = now(), revision = DEFAULT
  WHERE projection = $1 AND version = $2`;
export const RESUME = `
  UPDATE checkpoint SET paused = false, updated_at = now(), revision = DEFAULT
  WHERE projection = $1 AND version = $2`;

/** Locks the checkpoint of a projection ($1) in its newest version. */
export const LOCK_REVISION = `
  SELECT revision FROM checkpoint WHERE projection = $1 ORDER BY version DESC LIMIT 1 FOR UPDATE`;

/** The checkpoints of these projections ($1), beside the end of the store. */
export const READ_PROGRESS = `
  SELECT projection, version, position, paused, rate, started_at, revision,
         coalesce((SELECT max(event.position) FROM event), 0) AS last,
         (SELECT recorded_at FROM event WHERE event.position > checkpoint.position
          ORDER BY event.position LIMIT 1) AS waiting_since
  FROM checkpoint
  WHERE projection = ANY ($1::text[])
  ORDER BY projection, version`;
