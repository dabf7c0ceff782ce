-- One row per stream: the lock and the version of the stream. Version 0 means: locked once, never written.
-- Fillfactor 70 leaves room on the page, so that raising the version stays a heap-only update.
CREATE TABLE stream (
  id      text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL DEFAULT 0 CHECK (version >= 0)
) WITH (fillfactor = 70);

-- CACHE 1 and ascending: a cached value would let a later transaction own an earlier position (see append_events).
CREATE SEQUENCE event_position AS bigint CACHE 1;

-- Append only, kept for ever. Written by append_events and by nobody else.
CREATE TABLE event (
  position       bigint PRIMARY KEY,
  id             uuid NOT NULL UNIQUE,
  stream         text COLLATE "C" NOT NULL,
  version        bigint NOT NULL CHECK (version > 0),
  type           text NOT NULL,
  schema_version integer NOT NULL DEFAULT 1 CHECK (schema_version > 0),
  data           jsonb NOT NULL,
  -- Everything about a person, apart from the rest, never published.
  personal       jsonb,
  metadata       jsonb NOT NULL,
  recorded_at    timestamptz NOT NULL,
  UNIQUE (stream, version)
);
ALTER SEQUENCE event_position OWNED BY event.position;

-- A folded state, valid only for the schema of the state that it was taken with.
CREATE TABLE snapshot (
  stream      text COLLATE "C" PRIMARY KEY,
  version     bigint NOT NULL CHECK (version > 0),
  schema_hash text NOT NULL,
  state       jsonb NOT NULL,
  taken_at    timestamptz NOT NULL
);

-- How far an async projection has come: every event up to this position is in its read model, none above it is.
CREATE TABLE checkpoint (
  projection text NOT NULL,
  version    integer NOT NULL,
  position   bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, version)
) WITH (fillfactor = 50);

-- Appends events to one or several streams: all of them or none, in one call.
--
-- Why this order is correct (DESIGN 3.1):
-- 1. The transaction's own id comes first. A global reader that meets a hole takes a fence: a transaction id drawn after it
--    saw the row above the hole. Whoever owns a lower position drew its own id before its position, so its id is below the
--    fence, and a snapshot whose xmin has reached the fence proves the owner ended. nextval alone does not assign an id.
-- 2. Then the stream rows, inserted or updated in one statement, sorted under "C" as lockStreams and every other append do:
--    two transactions that take their streams in one statement each cannot wait for each other in a ring.
--    ON CONFLICT DO UPDATE waits for the row's owner and continues from the committed version, so no version is given twice.
-- 3. Only then the positions. Whoever holds a stream's row until its commit is alone in drawing positions for that stream,
--    so within a stream positions ascend as versions do. A sequence value that is cached by a session would break this.
--
-- A wrong expected version raises the private SQLSTATE MR001 with {stream, expected, actual} as its detail.
-- expected_versions: NULL for any, 0 for "must not exist". event_streams: index into streams, from 1. event_numbers: the
-- event's number among those of its stream in this call, from 1.
CREATE FUNCTION append_events(
  streams           text[],
  expected_versions bigint[],
  event_counts      integer[],
  event_streams     integer[],
  event_numbers     integer[],
  event_ids         uuid[],
  event_types       text[],
  schema_versions   integer[],
  event_data        jsonb[],
  event_personal    jsonb[],
  event_metadata    jsonb,
  event_recorded_at timestamptz
) RETURNS TABLE (event_version bigint, event_position bigint)
LANGUAGE plpgsql AS $$
DECLARE
  own_transaction CONSTANT xid8 := pg_current_xact_id();
  versions_before bigint[];
  wrong record;
BEGIN
  WITH locked AS (
    INSERT INTO stream AS existing (id, version)
    SELECT wanted.id, wanted.count
    FROM unnest(streams, event_counts) AS wanted (id, count)
    ORDER BY wanted.id COLLATE "C"
    ON CONFLICT (id) DO UPDATE SET version = existing.version + excluded.version
    RETURNING existing.id, existing.version
  )
  SELECT array_agg(locked.version - wanted.count ORDER BY wanted.ordinal)
  INTO versions_before
  FROM unnest(streams, event_counts) WITH ORDINALITY AS wanted (id, count, ordinal)
  JOIN locked ON locked.id = wanted.id;

  SELECT wanted.id AS stream, wanted.expected, versions_before[wanted.ordinal] AS actual
  INTO wrong
  FROM unnest(streams, expected_versions) WITH ORDINALITY AS wanted (id, expected, ordinal)
  WHERE wanted.expected <> versions_before[wanted.ordinal]
  ORDER BY wanted.ordinal
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'MR001',
      MESSAGE = format('stream %s is at version %s, expected %s', wrong.stream, wrong.actual, wrong.expected),
      DETAIL = json_build_object('stream', wrong.stream, 'expected', wrong.expected::text, 'actual', wrong.actual::text)::text;
  END IF;

  RETURN QUERY
  INSERT INTO event (position, id, stream, version, type, schema_version, data, personal, metadata, recorded_at)
  SELECT nextval('event_position'), new.id, streams[new.stream], versions_before[new.stream] + new.number,
         new.type, new.schema_version, new.data, new.personal, event_metadata, event_recorded_at
  FROM (
    SELECT *
    FROM unnest(event_streams, event_numbers, event_ids, event_types, schema_versions, event_data, event_personal)
         WITH ORDINALITY AS given (stream, number, id, type, schema_version, data, personal, ordinal)
    ORDER BY given.ordinal
  ) AS new
  RETURNING event.version, event.position;
END
$$;
