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
