-- The cluster whose log this database goes with: its outbox was published there, and its offsets count records there. One row, written at
-- the first start. A database that was used before knows it from its offsets.
CREATE TABLE log_cluster (
  single     boolean     PRIMARY KEY DEFAULT true CHECK (single),
  cluster_id text        NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO log_cluster (cluster_id)
SELECT cluster_id FROM consumer_offset WHERE next_offset > 0 GROUP BY cluster_id ORDER BY max(updated_at) DESC LIMIT 1;
