-- Where a group begins to read a topic that it has no offset of: at the messages from `since` on, not at years of history. The migration
-- of the release that first reads the topic inserts the row. All migrations run before any process of that release starts, so every
-- message that the release causes is later.
CREATE TABLE consumer_start (
  consumer_group text        NOT NULL,
  topic          text        NOT NULL,
  since          timestamptz NOT NULL,
  PRIMARY KEY (consumer_group, topic)
);
