-- Which message a decided dead letter is of, so that the books, which know the outbox but not the log, can tell a decided letter.
-- Decisions of earlier releases have none.
ALTER TABLE dead_letter_decision
  ADD COLUMN consumer_group   text,
  ADD COLUMN origin_partition integer,
  ADD COLUMN origin_offset    bigint;
