-- Answers to requests that carried an Idempotency-Key, written in the transaction of their effect.
CREATE TABLE idempotency_key (
  -- SHA-256 of route, path parameters and key: of fixed length, and free of what a client writes into its key.
  id          bytea PRIMARY KEY CHECK (octet_length(id) = 32),
  -- SHA-256 of the request's body in canonical form.
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  -- For people: method and pattern, never the path.
  route       text NOT NULL,
  status      smallint NOT NULL CHECK (status BETWEEN 200 AND 499),
  headers     jsonb NOT NULL CHECK (octet_length(headers::text) <= 8192),
  body        text NOT NULL CHECK (octet_length(body) <= 65536),
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at  timestamptz NOT NULL
);

CREATE INDEX idempotency_key_expiry ON idempotency_key (expires_at);

-- Claims a key for the rest of the transaction, in one round trip. No row: it is claimed. A row: another request holds it
-- (in_flight), or it has been answered.
--
-- Why this order is correct:
-- 1. Look first: an answer that is there is final, and those who repeat it need no lock.
-- 2. Then the lock, without waiting: an INSERT would wait for the other transaction's end, and hold a connection for it.
-- 3. Then look again. The holder before us may have committed between the look and the lock. The function is VOLATILE, so under READ
--    COMMITTED each of its statements takes a snapshot of its own, and the second look sees whatever was committed before the lock was
--    given back, which happens after the commit.
CREATE FUNCTION claim_idempotency_key(wanted bytea, lock_id bigint)
RETURNS TABLE (in_flight boolean, fingerprint bytea, status smallint, headers jsonb, body text)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR look IN 1..2 LOOP
    RETURN QUERY
    SELECT false, known.fingerprint, known.status, known.headers, known.body
    FROM idempotency_key AS known
    WHERE known.id = wanted AND known.expires_at > clock_timestamp();
    IF FOUND THEN
      RETURN;
    END IF;
    IF look = 1 AND NOT pg_try_advisory_xact_lock(lock_id) THEN
      RETURN QUERY SELECT true, NULL::bytea, NULL::smallint, NULL::jsonb, NULL::text;
      RETURN;
    END IF;
  END LOOP;
END
$$;

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
  -- The message of the letter, by which `verify` finds its row in the outbox without reading the log.
  consumer_group   text,
  origin_partition integer,
  origin_offset    bigint,
  decided_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic_id, partition, record_offset)
);

-- What operators did that leaves no event and no other row of its own.
CREATE TABLE operator_action (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor    text        NOT NULL,
  reason   text        NOT NULL,
  action   text        NOT NULL,
  -- What they acted on. It names no person.
  subject  text        NOT NULL
);

-- The database of the keys that this database's personal data is sealed with. One row, written at the first start of a service that has
-- some.
CREATE TABLE keys_database (
  single     boolean     PRIMARY KEY DEFAULT true CHECK (single),
  id         uuid        NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now()
);
