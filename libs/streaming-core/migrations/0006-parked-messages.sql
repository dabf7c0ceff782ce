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
