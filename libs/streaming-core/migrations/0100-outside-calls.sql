-- Calls to systems outside, waiting to be made or in flight: written with the decision that wants them, deleted with their result.
-- `attempts` is also the fencing token: each claim raises it, and only the last claim may complete the call or give it back.
CREATE TABLE outside_call (
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

CREATE INDEX outside_call_due ON outside_call (kind, due_at, id);
