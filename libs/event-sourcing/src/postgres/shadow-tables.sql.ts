/** Makes a transaction find the tables of a schema ($1) before those of the service. */
export const PREFER_SCHEMA = `
  SELECT set_config('search_path', quote_ident($1::text) || ', ' || current_setting('search_path'), true)`;

/** The schema of a table ($1) that a statement without a schema would use, or null. */
export const SCHEMA_OF = `
  SELECT relnamespace::regnamespace::text AS schema FROM pg_class WHERE oid = to_regclass(quote_ident($1))`;

/**
 * The statements that create a table's ($1) copy in another schema ($2): columns, then constraints
 * and indexes under the names that they have, so that later migrations find them. The pattern in
 * the text of an index finds the table after ON.
 */
export const COPY_STATEMENTS = `
  WITH original AS (SELECT to_regclass(quote_ident($1)) AS oid, format('%I.%I', $2::text, $1::text) AS copy)
  SELECT 1 AS step, '' AS name,
    format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES)', copy, oid::regclass) AS statement
  FROM original
  UNION ALL
  SELECT 1, 'storage', format('ALTER TABLE %s SET (%s)', copy, array_to_string(reloptions, ', '))
  FROM original JOIN pg_class USING (oid) WHERE reloptions IS NOT NULL
  UNION ALL
  SELECT 2, conname, format('ALTER TABLE %s ADD CONSTRAINT %I %s', copy, conname, pg_get_constraintdef(c.oid))
  FROM original JOIN pg_constraint c ON c.conrelid = original.oid AND c.contype IN ('p', 'u', 'x')
  UNION ALL
  SELECT 3, i.relname,
    regexp_replace(pg_get_indexdef(i.oid), ' ON (ONLY )?\\S+ USING ', format(' ON %s USING ', copy))
  FROM original JOIN pg_index x ON x.indrelid = original.oid JOIN pg_class i ON i.oid = x.indexrelid
  WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))
  ORDER BY step, name`;

/**
 * Tells whether a table ($1) and its copy in a schema ($2) have the same columns, constraints,
 * indexes, triggers and settings.
 */
export const IS_LIKE_COPY = `
  SELECT count(DISTINCT (reloptions, relrowsecurity, columns, constraints, indexes, triggers)) = 1 AS alike
  FROM pg_class AS t, LATERAL (
    SELECT array_agg(
      format('%s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
      ORDER BY attname) AS columns
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped
  ), LATERAL (
    SELECT array_agg(format('%s %s', conname, pg_get_constraintdef(oid)) ORDER BY conname) AS constraints
    FROM pg_constraint WHERE conrelid = t.oid AND contype <> 'n'
  ), LATERAL (
    SELECT array_agg(
      regexp_replace(pg_get_indexdef(indexrelid), ' ON (ONLY )?\\S+ USING ', ' ON USING ')
      ORDER BY indexrelid::regclass::text) AS indexes
    FROM pg_index WHERE indrelid = t.oid
  ), LATERAL (
    SELECT array_agg(tgname ORDER BY tgname) AS triggers
    FROM pg_trigger WHERE tgrelid = t.oid AND NOT tgisinternal
  )
  WHERE t.oid IN (to_regclass(quote_ident($1)), to_regclass(format('%I.%I', $2::text, $1::text)))`;

/**
 * The sequences that belong to serial columns of a table ($1). The copy takes its defaults from them
 * too, so the table cannot be dropped while it owns them. An identity column has no need of this: its
 * copy has a sequence of its own.
 */
export const SERIAL_COLUMNS = `
  SELECT s.oid::regclass::text AS sequence, quote_ident(attname) AS column
  FROM pg_depend d
  JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_attribute ON attrelid = d.refobjid AND attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
    AND d.refobjid = to_regclass(quote_ident($1))`;

/** Readers of the old table get the chance to end, but nobody waits long behind the swap. */
export const SHORT_LOCK_WAITS = `SET LOCAL lock_timeout = '500ms'`;

/** Waits for everybody who appends, and lets nobody append until the transaction ends. */
export const STOP_APPENDS = 'LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE';

export const END_CHECKPOINT = `
  DELETE FROM checkpoint WHERE projection = $1 AND version = $2 AND NOT paused RETURNING position`;

/** Adds nothing if the projection has a checkpoint of any version. */
export const BEGIN_CHECKPOINT = `
  INSERT INTO checkpoint (projection, version)
  SELECT $1, $2::integer WHERE NOT EXISTS (SELECT FROM checkpoint WHERE projection = $1)
  ON CONFLICT DO NOTHING`;

export const DELETE_CHECKPOINTS = 'DELETE FROM checkpoint WHERE projection = $1';
