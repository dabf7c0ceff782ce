-- The lines, by day. Partition and offset are the line's place in the topic, which makes each row unique: a line that is read again
-- changes nothing.
CREATE TABLE log_line (
  logged_at      timestamptz NOT NULL,
  log_partition  integer     NOT NULL,
  log_offset     bigint      NOT NULL,
  level          text        NOT NULL,
  service        text,
  order_id       text,
  correlation_id text,
  message        text        NOT NULL,
  line           text        NOT NULL,
  PRIMARY KEY (logged_at, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);

-- Lines of days that have no partition, because their time is far in the past.
CREATE TABLE log_line_default PARTITION OF log_line DEFAULT;

CREATE INDEX log_line_level ON log_line (level, logged_at);
CREATE INDEX log_line_order ON log_line (order_id, logged_at) WHERE order_id IS NOT NULL;
CREATE INDEX log_line_words ON log_line USING gin (to_tsvector('simple', message));
