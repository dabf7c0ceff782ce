-- Every type and version of event that a release may have written. A service adds its own before it can append, so that no append has to,
-- and refuses to boot on those that it cannot read. A release that declares no event types adds none.
CREATE TABLE event_type (
  type           text NOT NULL,
  schema_version integer NOT NULL CHECK (schema_version > 0),
  PRIMARY KEY (type, schema_version)
);

INSERT INTO event_type (type, schema_version) SELECT DISTINCT type, schema_version FROM event;
