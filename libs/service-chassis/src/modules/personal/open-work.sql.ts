/**
 * The external calls that still need the data of a subject ($1): those that are sealed for
 * it, and those that earlier releases stored in plain text under one of these keys ($2). At most $3.
 */
export const OPEN_CALLS = `
  SELECT kind, key, payload FROM external_call
  WHERE payload ->> 'subject' = $1 AND payload ? 'sealed' OR key = ANY ($2::text[]) AND NOT payload ? 'sealed'
  ORDER BY key
  LIMIT $3::integer`;

/**
 * The keys, among these ids ($2), of messages that the service ($1) has parked in plain text. Once
 * they are handled, their data would be stored again. At most $3.
 */
export const PLAIN_PARKED = `
  SELECT DISTINCT convert_from(key, 'UTF8') AS key FROM parked_message
  WHERE consumer_group = $1 AND key = ANY (SELECT convert_to(id, 'UTF8') FROM unnest($2::text[]) AS id)
    AND position('"sealed":1'::bytea IN value) = 0
  ORDER BY key
  LIMIT $3::integer`;
