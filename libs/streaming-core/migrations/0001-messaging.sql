-- Tables that are dropped by the day, never deleted from row by row. Bounds are days in UTC. Every such table has a default
-- partition, so that an insert never fails for want of a partition; a day whose rows already stand in the default stays there.

CREATE FUNCTION create_day_partitions(parent text, first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
  day date;
  child text;
  created integer := 0;
BEGIN
  FOR day IN SELECT first_day + n FROM generate_series(0, days - 1) AS n LOOP
    child := parent || to_char(day, '_YYYYMMDD');
    CONTINUE WHEN to_regclass(quote_ident(child)) IS NOT NULL;
    BEGIN
      -- Created apart and attached: ATTACH lets writers of the parent go on, CREATE ... PARTITION OF would not.
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, child, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
      created := created + 1;
    EXCEPTION WHEN check_violation THEN
      NULL; -- the default partition holds rows of this day already
    END;
  END LOOP;
  RETURN created;
END $$;

-- The oldest day of `parent` that ended before `before`; null when there is none. A day's bounds are trusted: it holds no other rows. With
-- `passed`, a day that still has a row after that position is left out. Takes no lock that a writer would wait for.
CREATE FUNCTION day_that_is_over(parent text, before timestamptz, passed bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  child text;
  last bigint;
BEGIN
  FOR child IN
    SELECT relname
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = parent::regclass
      AND substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz <= before
    ORDER BY relname
  LOOP
    IF passed IS NULL THEN
      RETURN child;
    END IF;
    EXECUTE format('SELECT max(position) FROM %I', child) INTO last;
    IF last IS NULL OR last <= passed THEN
      RETURN child;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Drops a day of `day_that_is_over`, in a transaction of its own. The parent's exclusive lock waits for writers in flight, so what the
-- check under it sees is final; the check reads one entry of an index. False, and nothing dropped, when the day has a row after `passed`.
CREATE FUNCTION drop_day(parent text, child text, passed bigint) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
  last bigint;
BEGIN
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
  IF passed IS NOT NULL THEN
    EXECUTE format('SELECT max(position) FROM %I', child) INTO last;
    IF last > passed THEN
      RETURN false;
    END IF;
  END IF;
  EXECUTE format('DROP TABLE %I', child);
  RETURN true;
END $$;

-- ATTACH reads the whole default partition under an exclusive lock, to see that it holds no row of the new day: seconds for some million
-- rows, in which nobody reads the table or writes to the default. It reads nothing where a valid constraint of the default says so. The
-- functions below make and remove that constraint; each is called in a transaction of its own, so that none keeps the lock while it reads.

-- The days that have no partition.
CREATE FUNCTION days_without_partition(parent text, first_day date, days integer) RETURNS SETOF date
LANGUAGE sql STABLE AS $$
  SELECT first_day + n FROM generate_series(0, days - 1) AS n
  WHERE to_regclass(quote_ident(parent || to_char(first_day + n, '_YYYYMMDD'))) IS NULL
$$;

-- From here on the default refuses rows of this day. Takes the exclusive lock for a moment and reads no row.
CREATE FUNCTION exclude_day(parent text, time_column text, day date) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT day_to_attach CHECK (%I < %L OR %I >= %L) NOT VALID',
    parent || '_default', time_column, day || ' 00:00:00+00', time_column, (day + 1) || ' 00:00:00+00');
END $$;

-- Reads the default while others read and write it. Fails with check_violation if it holds a row of the day.
CREATE FUNCTION validate_excluded_day(parent text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' SET transaction_timeout = 0 AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT day_to_attach', parent || '_default');
END $$;

-- The default takes rows of every day again that has no partition. Takes no lock where no day was excluded.
CREATE FUNCTION include_day(parent text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = (parent || '_default')::regclass AND conname = 'day_to_attach'
  ) THEN
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT day_to_attach', parent || '_default');
  END IF;
END $$;

-- Messages to be published, written in the transaction of what they tell. The relay reads them with the prefix-and-fence reader:
-- no status per row, no UPDATE, no DELETE; old days are dropped.
--
-- For Debezium's outbox event router instead of the relay (io.debezium.transforms.outbox.EventRouter):
--   table.field.event.id=id   table.field.event.key=key   table.field.event.payload=payload   table.field.event.type=type
--   route.by.field=topic      route.topic.replacement=${routedByValue}
--   table.fields.additional.placement=id:header:ce_id,type:header:ce_type,source:header:ce_source,time:header:ce_time,
--     subject:header:ce_subject,dataschema:header:ce_dataschema,correlationid:header:ce_correlationid,
--     causationid:header:ce_causationid,traceparent:header
--   value.converter=org.apache.kafka.connect.storage.StringConverter
-- The publication names this table with publish_via_partition_root. `headers` (of dead letters) has no counterpart there.

CREATE SEQUENCE outbox_position_sequence CACHE 1;

-- The transaction's own id first, then the position. nextval alone forces an id only every 32 values, and a writer that drew its
-- position before its id could own a position below a fence and an id above it: the reader would take it for dead.
CREATE FUNCTION outbox_position() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN nextval('outbox_position_sequence');
END $$;

CREATE TABLE outbox (
  position      bigint      NOT NULL DEFAULT outbox_position(),
  id            uuid        NOT NULL,
  topic         text        NOT NULL,
  key           text,
  type          text,
  source        text,
  subject       text,
  time          text,
  dataschema    text,
  correlationid text,
  causationid   text,
  traceparent   text,
  payload       text,
  headers       jsonb       NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (position, created_at)
) PARTITION BY RANGE (created_at);

CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date, 4);

-- Which incarnation of this database a position belongs to. Whoever restores an older copy gives it a new id:
--   UPDATE store_incarnation SET id = gen_random_uuid();
CREATE TABLE store_incarnation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO store_incarnation DEFAULT VALUES;

-- Cursor, lease and fencing epoch of a relay in one row, so that one statement checks and moves all three.
CREATE TABLE relay_cursor (
  name           text        PRIMARY KEY,
  incarnation    uuid        NOT NULL,
  position       bigint      NOT NULL DEFAULT 0,
  epoch          bigint      NOT NULL DEFAULT 0,
  holder         text,
  lease_until    timestamptz NOT NULL DEFAULT '-infinity',
  -- How the relay with the lease publishes. With 'exactly-once' the log has the newest cursor, because it travels in the transaction
  -- that publishes the rows, and this row's position follows. A relay that goes back to 'at-least-once' reads that cursor once more.
  delivery       text        NOT NULL DEFAULT 'at-least-once' CHECK (delivery IN ('at-least-once', 'exactly-once'))
) WITH (fillfactor = 10);

INSERT INTO relay_cursor (name, incarnation) SELECT 'outbox', id FROM store_incarnation;

-- Messages whose effect has happened. `time` comes from the UUIDv7 in ce_id: the same message always falls into the same partition,
-- so that uniqueness holds within it.
CREATE TABLE inbox (
  consumer_group text        NOT NULL,
  source         text        NOT NULL,
  id             uuid        NOT NULL,
  time           timestamptz NOT NULL,
  PRIMARY KEY (id, source, consumer_group, time)
) PARTITION BY RANGE (time);

CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

SELECT create_day_partitions('inbox', (now() AT TIME ZONE 'UTC')::date - 1, 5);

-- A consumer's position, moved in the transaction of its effect. Cluster and topic id are part of the key: an offset is never
-- applied to another log. The epoch, raised at each assignment, fences whoever owned the partition before.
CREATE TABLE consumer_offset (
  consumer_group   text        NOT NULL,
  cluster_id       text        NOT NULL,
  topic_id         uuid        NOT NULL,
  partition        integer     NOT NULL,
  topic            text        NOT NULL,
  next_offset      bigint      NOT NULL,
  assignment_epoch bigint      NOT NULL DEFAULT 1,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer_group, topic_id, partition, cluster_id)
) WITH (fillfactor = 25);

-- The cluster whose log this database goes with: its outbox was published there, and its offsets count records there. One row, written at
-- the first start.
CREATE TABLE log_cluster (
  single     boolean     PRIMARY KEY DEFAULT true CHECK (single),
  cluster_id text        NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now()
);

-- Calls to external systems, waiting to be made or in flight: written with the decision that wants them, deleted with their result.
-- `attempts` is also the fencing token: each claim raises it, and only the last claim may complete the call or give it back.
CREATE TABLE external_call (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text        NOT NULL,
  key         text        NOT NULL,
  payload     jsonb       NOT NULL,
  metadata    jsonb       NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  due_at      timestamptz NOT NULL DEFAULT now(),
  attempts    integer     NOT NULL DEFAULT 0,
  lease_until timestamptz NOT NULL DEFAULT '-infinity',
  last_error  text,
  UNIQUE (kind, key)
) WITH (fillfactor = 50);

CREATE INDEX external_call_due ON external_call (kind, due_at, id);

-- Messages that failed in place, and later messages of their keys, which wait behind them. Written
-- in the transaction that moves the offset past the message, and changed only by the partition's
-- owner, in transactions that its epoch fences. The first row of a key by position is the one that
-- is tried again.
--
-- Rows go by the topic's name: those of a topic that was deleted and created again belong to the
-- owner of the same partition number.
CREATE TABLE parked_message (
  position          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer_group    text        NOT NULL,
  cluster_id        text        NOT NULL,
  topic_id          uuid        NOT NULL,
  topic             text        NOT NULL,
  partition         integer     NOT NULL,
  record_offset     bigint      NOT NULL,
  message_id        uuid        NOT NULL,
  -- SHA-256 of the key, in base64: a key may be longer than an index entry.
  key_digest        text        NOT NULL,
  key               bytea       NOT NULL,
  value             bytea       NOT NULL,
  -- json, not jsonb: a header may contain a NUL.
  headers           json        NOT NULL,
  recorded_at_ms    bigint      NOT NULL,
  bytes             integer     NOT NULL,
  parked_at         timestamptz NOT NULL,
  -- Counts for the first row of its key only.
  retry_at          timestamptz NOT NULL,
  attempts_in_place integer     NOT NULL,
  retries           integer     NOT NULL DEFAULT 0,
  last_error        text,
  -- With the message's id: on a log that was restored to an older state another message may stand
  -- at the offset.
  UNIQUE (consumer_group, topic_id, partition, record_offset, message_id, cluster_id)
) WITH (fillfactor = 80);

CREATE INDEX parked_message_of_key ON parked_message (consumer_group, topic, partition, key_digest, position);
