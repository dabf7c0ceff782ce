-- One row per stream: the lock and the version of the stream. Version 0 means: locked once, never written.
-- Fillfactor 70 leaves room on the page, so that raising the version stays a heap-only update.
CREATE TABLE stream (
  id      text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL DEFAULT 0 CHECK (version >= 0)
) WITH (fillfactor = 70);

-- CACHE 1 and ascending: a cached value would let a later transaction own an earlier position (see record_events).
CREATE SEQUENCE event_position AS bigint CACHE 1;

-- Append only, kept for ever. Written by record_events and by nobody else.
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

-- Locks the streams of a transaction and returns what they hold, in one call.
--
-- Why what it returns is the truth until the transaction ends: READ COMMITTED takes a snapshot for each statement, and a VOLATILE function in
-- plpgsql takes one for each statement inside it. The second statement's snapshot is so taken after the first one has got every lock; whatever
-- the owners before have committed is in it, and nobody after can append. (In one plain statement locks and reading would share a snapshot from
-- before the wait.) The locks are taken sorted under "C", as record_events does; WHERE false locks an existing row without writing a new
-- version of it, and a row that another transaction is just inserting is waited for.
--
-- One row for each event after known_versions, or one without an event for a stream that has none. Streams with more than events_max of them
-- give none: they are read in pages. stream_number: index into streams, from 1.
CREATE FUNCTION lock_and_load(streams text[], known_versions bigint[], events_max integer)
RETURNS TABLE (
  stream_number  bigint,
  stream_version bigint,
  id             uuid,
  version        bigint,
  type           text,
  schema_version integer,
  data           jsonb,
  personal       jsonb,
  metadata       jsonb,
  recorded_at    timestamptz
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO stream AS existing (id)
  SELECT DISTINCT wanted.id COLLATE "C" FROM unnest(streams) AS wanted (id) ORDER BY wanted.id COLLATE "C"
  ON CONFLICT (id) DO UPDATE SET version = existing.version WHERE false;

  RETURN QUERY
  WITH locked AS MATERIALIZED (
    SELECT wanted.number, wanted.id, wanted.known, (SELECT stream.version FROM stream WHERE stream.id = wanted.id) AS version
    FROM unnest(streams, known_versions) WITH ORDINALITY AS wanted (id, known, number)
  )
  SELECT locked.number, locked.version, stored.id, stored.version, stored.type, stored.schema_version, stored.data, stored.personal,
         stored.metadata, stored.recorded_at
  FROM locked
  LEFT JOIN LATERAL (
    SELECT event.*
    FROM event
    WHERE event.stream = locked.id AND event.version > locked.known AND locked.version - locked.known <= events_max
    ORDER BY event.version
  ) AS stored ON true
  ORDER BY locked.number, stored.version;
END
$$;

-- Records the events of a unit of work: all of them or none, in one call. Each event brings its own version, metadata and time.
--
-- Why this order is correct:
-- 1. The transaction's own id comes first. A global reader that meets a hole takes a fence: a transaction id drawn after it
--    saw the row above the hole. Whoever owns a lower position drew its own id before its position, so its id is below the
--    fence, and a snapshot whose xmin has reached the fence proves the owner ended. nextval alone does not assign an id.
-- 2. Then the stream rows, inserted or updated in one statement, sorted under "C" as lock_and_load does: two transactions that take
--    their streams in one statement each cannot wait for each other in a ring. ON CONFLICT DO UPDATE waits for the row's owner and
--    continues from the committed version, so no version is given twice.
-- 3. Only then the positions. Whoever holds a stream's row until its commit is alone in drawing positions for that stream,
--    so within a stream positions ascend as versions do. A sequence value that is cached by a session would break this.
--
-- A wrong expected version raises the private SQLSTATE MR001 with {stream, expected, actual} as its detail. event_streams: index into
-- streams, from 1. The events of a stream stand in the order of their versions, from the one after the expected on.
CREATE FUNCTION record_events(
  streams           text[],
  expected_versions bigint[],
  event_counts      integer[],
  event_streams     integer[],
  event_versions    bigint[],
  event_ids         uuid[],
  event_types       text[],
  schema_versions   integer[],
  event_data        jsonb[],
  event_personal    jsonb[],
  event_metadata    jsonb[],
  event_recorded_at timestamptz[]
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  own_transaction CONSTANT xid8 := pg_current_xact_id();
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
  SELECT wanted.id AS stream, wanted.expected, locked.version - wanted.count AS actual
  INTO wrong
  FROM unnest(streams, expected_versions, event_counts) WITH ORDINALITY AS wanted (id, expected, count, ordinal)
  JOIN locked ON locked.id = wanted.id
  WHERE wanted.expected <> locked.version - wanted.count
  ORDER BY wanted.ordinal
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'MR001',
      MESSAGE = format('stream %s is at version %s, expected %s', wrong.stream, wrong.actual, wrong.expected),
      DETAIL = json_build_object('stream', wrong.stream, 'expected', wrong.expected::text, 'actual', wrong.actual::text)::text;
  END IF;

  INSERT INTO event (position, id, stream, version, type, schema_version, data, personal, metadata, recorded_at)
  SELECT nextval('event_position'), new.id, streams[new.stream], new.version, new.type, new.schema_version, new.data, new.personal,
         new.metadata, new.recorded_at
  FROM (
    SELECT *
    FROM unnest(event_streams, event_versions, event_ids, event_types, schema_versions, event_data, event_personal, event_metadata,
                event_recorded_at)
         WITH ORDINALITY AS given (stream, version, id, type, schema_version, data, personal, metadata, recorded_at, ordinal)
    ORDER BY given.ordinal
  ) AS new;
END
$$;
