/** Parts that are sealed need nothing: without the key, they are erased. */
export const ERASE_PLAIN_PARTS = `
  UPDATE event SET personal = '{"erased": true}'
  WHERE stream = ANY ($1::text[]) AND personal IS NOT NULL AND NOT personal ? 'sealed' AND NOT personal ? 'erased'`;

export const DROP_SNAPSHOTS = 'DELETE FROM stream_snapshot WHERE stream = ANY ($1::text[])';
