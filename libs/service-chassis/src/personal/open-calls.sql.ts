/**
 * The external calls that still need the data of a subject ($1): those that are sealed for
 * it, and those that earlier releases stored in plain text under one of these keys ($2). At most $3.
 */
export const OPEN_CALLS = `
  SELECT kind, key, payload FROM external_call
  WHERE payload ->> 'subject' = $1 AND payload ? 'sealed' OR key = ANY ($2::text[]) AND NOT payload ? 'sealed'
  ORDER BY key
  LIMIT $3::integer`;
