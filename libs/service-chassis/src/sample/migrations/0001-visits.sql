-- The read model of the sample service.

CREATE TABLE visit (
  visit_id text PRIMARY KEY,
  guest_id text NOT NULL,
  status text NOT NULL,
  version bigint NOT NULL
);
