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
