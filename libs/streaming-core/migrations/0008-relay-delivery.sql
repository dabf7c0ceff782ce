-- How the relay with the lease publishes. With 'exactly-once' the log has the newest cursor, because it travels in the transaction
-- that publishes the rows, and this row's position follows. A relay that goes back to 'at-least-once' reads that cursor once more.
-- The release before this one neither reads nor writes the column.
ALTER TABLE relay_cursor
  ADD COLUMN delivery text NOT NULL DEFAULT 'at-least-once' CHECK (delivery IN ('at-least-once', 'exactly-once'));
