-- A consumer's position, moved in the transaction of its effect. Cluster and topic id are part of the key: an offset is never
-- applied to another log. The epoch, raised at each assignment, fences whoever owned the partition before.
CREATE TABLE consumer_offset (
  consumer_group   text        NOT NULL,
  cluster_id       text        NOT NULL,
  topic_id         uuid        NOT NULL,
  partition        integer     NOT NULL,
  topic            text        NOT NULL,
  next_offset      bigint      NOT NULL,
  assignment_epoch bigint      NOT NULL DEFAULT 1,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer_group, topic_id, partition, cluster_id)
) WITH (fillfactor = 25);
