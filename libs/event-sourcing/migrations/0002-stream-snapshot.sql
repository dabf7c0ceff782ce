-- Folded states of long streams, one for each schema of the state, so that two releases with different schemas run beside each other and
-- each keeps its own. `snapshot` of the first migration allows a stream only one and was never used; a later release removes it.
--
-- Everything here can be deleted at any time: a stream without a snapshot is folded from its first event.
CREATE TABLE stream_snapshot (
  stream      text COLLATE "C" NOT NULL,
  schema_hash text NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  -- Id of the event at that version. A snapshot counts only while the stream has this very event there, so one that is older or newer
  -- than a restored stream, or of another history, is never used.
  last_event  uuid NOT NULL,
  -- json, not jsonb: gives back the text as it was written, in the order of its keys.
  state       json NOT NULL,
  taken_at    timestamptz NOT NULL,
  PRIMARY KEY (stream, schema_hash)
);
