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

-- Drops the days that ended before `before`. With `passed`, a partition that still has a row after that position stays.
-- The parent's exclusive lock waits for writers in flight, so what the check under it sees is final.
CREATE FUNCTION drop_day_partitions(parent text, time_column text, before timestamptz, passed bigint) RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
  child text;
  is_default boolean;
  occupied boolean;
  wanted boolean;
  dropped integer := 0;
BEGIN
  FOR child, is_default IN
    SELECT relname, pg_get_expr(relpartbound, pg_class.oid) = 'DEFAULT'
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = parent::regclass
    ORDER BY relname
  LOOP
    IF NOT is_default THEN
      CONTINUE WHEN (to_date(right(child, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' > before;
    ELSE
      EXECUTE format('SELECT EXISTS (SELECT FROM %I)', child) INTO occupied;
      CONTINUE WHEN NOT occupied;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1)', child, time_column) INTO wanted USING before;
    IF NOT wanted AND passed IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE position > $1)', child) INTO wanted USING passed;
    END IF;
    CONTINUE WHEN wanted;
    EXECUTE format(CASE WHEN is_default THEN 'TRUNCATE %I' ELSE 'DROP TABLE %I' END, child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
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
  lease_until    timestamptz NOT NULL DEFAULT '-infinity'
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
