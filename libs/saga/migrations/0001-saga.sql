-- One row per saga: a projection of its stream, written in the same transaction, under the stream's lock. For lists, the boot check
-- and the alarm; the stream is the truth.
CREATE TABLE saga_instance (
  definition      text COLLATE "C" NOT NULL,
  saga_id         text COLLATE "C" NOT NULL,
  version         integer NOT NULL CHECK (version > 0),
  status          text NOT NULL CHECK (status IN ('running', 'compensating', 'closing', 'completed', 'compensated')),
  -- What it waits for now; null at the end.
  step            text,
  needs_attention boolean NOT NULL,
  -- Why it is compensated.
  reason          text,
  start_topic     text NOT NULL,
  -- Null for a saga that starts in the transaction of its start message. The first of its messages that is handled brings it.
  partition       integer CHECK (partition >= 0),
  started_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  -- True while an operator has paused the saga.
  paused          boolean NOT NULL DEFAULT false,
  PRIMARY KEY (definition, saga_id)
) WITH (fillfactor = 70);

CREATE INDEX saga_instance_live ON saga_instance (definition, version) WHERE status NOT IN ('completed', 'compensated');
CREATE INDEX saga_instance_attention ON saga_instance (updated_at) WHERE needs_attention;

-- Lists for operators, the oldest first. Neither column of a key changes, so a row keeps its index entries while it is updated: only
-- the end of a saga moves it from one list to another.
CREATE INDEX saga_instance_unfinished ON saga_instance (started_at, definition, saga_id) WHERE status NOT IN ('completed', 'compensated');
CREATE INDEX saga_instance_compensated ON saga_instance (started_at, definition, saga_id) WHERE status = 'compensated';
CREATE INDEX saga_instance_age ON saga_instance (started_at, definition, saga_id);

-- One row per command that a saga waits for, set and deleted in the transaction of its input. Only the owner of the start message's
-- partition fires it.
CREATE TABLE saga_timer (
  definition      text COLLATE "C" NOT NULL,
  saga_id         text COLLATE "C" NOT NULL,
  role            text NOT NULL CHECK (role IN ('step', 'compensation', 'closing')),
  step            text NOT NULL,
  -- Names one sending of one command: a timer that fires for an earlier one does nothing.
  token           text NOT NULL,
  attempt         integer NOT NULL CHECK (attempt > 0),
  due_at          timestamptz NOT NULL,
  -- What a disruption grants anew.
  step_timeout_ms integer NOT NULL CHECK (step_timeout_ms > 0),
  start_topic     text NOT NULL,
  -- No timer without a partition fires.
  partition       integer,
  -- The trace of the input that set the timer: what a timeout sends again or compensates belongs to it. Null: it was not traced.
  traceparent     text,
  tracestate      text,
  PRIMARY KEY (definition, saga_id, role, step)
) WITH (fillfactor = 70);

CREATE INDEX saga_timer_due ON saga_timer (start_topic, partition, due_at);
