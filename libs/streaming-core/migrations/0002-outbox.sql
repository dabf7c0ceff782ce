-- Messages to be published, written in the transaction of what they tell. The relay reads them with the prefix-and-fence reader:
-- no status per row, no UPDATE, no DELETE; old days are dropped (DESIGN 3.2).
--
-- For Debezium's outbox event router instead of the relay (io.debezium.transforms.outbox.EventRouter):
--   table.field.event.id=id   table.field.event.key=key   table.field.event.payload=payload   table.field.event.type=type
--   route.by.field=topic      route.topic.replacement=${routedByValue}
--   table.fields.additional.placement=id:header:ce_id,type:header:ce_type,source:header:ce_source,time:header:ce_time,
--     subject:header:ce_subject,dataschema:header:ce_dataschema,correlationid:header:ce_correlationid,
--     causationid:header:ce_causationid,traceparent:header
--   value.converter=org.apache.kafka.connect.storage.StringConverter
-- The publication names this table with publish_via_partition_root. `headers` (of dead letters) has no counterpart there.

CREATE SEQUENCE outbox_position_sequence CACHE 1;

-- The transaction's own id first, then the position. nextval alone forces an id only every 32 values, and a writer that drew its
-- position before its id could own a position below a fence and an id above it: the reader would take it for dead.
CREATE FUNCTION outbox_position() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN nextval('outbox_position_sequence');
END $$;

CREATE TABLE outbox (
  position      bigint      NOT NULL DEFAULT outbox_position(),
  id            uuid        NOT NULL,
  topic         text        NOT NULL,
  key           text,
  type          text,
  source        text,
  subject       text,
  time          text,
  dataschema    text,
  correlationid text,
  causationid   text,
  traceparent   text,
  payload       text,
  headers       jsonb       NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (position, created_at)
) PARTITION BY RANGE (created_at);

CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date, 4);
