-- What operators have decided about dead letters, for ever: a dead letter is decided once. The letters are on the log.
CREATE TABLE dead_letter_decision (
  -- A topic that was recreated has another id, and its offsets begin again.
  topic_id      uuid        NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  decision      text        NOT NULL CHECK (decision IN ('redriven', 'discarded')),
  actor         text        NOT NULL,
  reason        text        NOT NULL,
  -- The paths that an operator changed in the value. The values themselves may be personal.
  edited        text[]      NOT NULL,
  decided_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic_id, partition, record_offset)
);
