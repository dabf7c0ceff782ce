import { choreography } from '@millrace/contracts';

/**
 * Adds the test's own tables to the order service's database. Triggers record every change of
 * timers and offsets in the same transaction, so a change that is rolled back leaves no record. A
 * timer is recorded once it has a partition.
 */
export const RECORD_CHANGES = `
  CREATE TABLE chaos_timer (
    position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token     text NOT NULL,
    awaits    text NOT NULL,
    saga_id   text NOT NULL,
    step      text NOT NULL,
    partition integer NOT NULL,
    due_at    timestamptz,
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE FUNCTION chaos_awaits(timer saga_timer) RETURNS text LANGUAGE sql AS $$
    SELECT CASE timer.definition WHEN '${choreography}' THEN timer.saga_id ELSE regexp_replace(timer.token, ':[0-9]+$', '') END
  $$;
  CREATE FUNCTION chaos_timer() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP <> 'INSERT' AND OLD.partition IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.token <> OLD.token) THEN
      INSERT INTO chaos_timer (token, awaits, saga_id, step, partition)
      VALUES (OLD.token, chaos_awaits(OLD), OLD.saga_id, OLD.step, OLD.partition);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.partition IS NOT NULL AND (
      TG_OP = 'INSERT'
      OR (NEW.token, NEW.due_at, NEW.partition) IS DISTINCT FROM (OLD.token, OLD.due_at, OLD.partition)
    ) THEN
      INSERT INTO chaos_timer (token, awaits, saga_id, step, partition, due_at)
      VALUES (NEW.token, chaos_awaits(NEW), NEW.saga_id, NEW.step, NEW.partition, NEW.due_at);
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos_timer AFTER INSERT OR UPDATE OR DELETE ON saga_timer FOR EACH ROW EXECUTE FUNCTION chaos_timer();

  CREATE TABLE chaos_offset (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    epoch       bigint NOT NULL,
    next_offset bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE FUNCTION chaos_offset() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO chaos_offset (topic, partition, epoch, next_offset)
    VALUES (NEW.topic, NEW.partition, NEW.assignment_epoch, NEW.next_offset);
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos_offset AFTER INSERT OR UPDATE ON consumer_offset FOR EACH ROW
  WHEN (NEW.consumer_group = 'order') EXECUTE FUNCTION chaos_offset();
  INSERT INTO chaos_offset (topic, partition, epoch, next_offset)
  SELECT topic, partition, assignment_epoch, next_offset FROM consumer_offset WHERE consumer_group = 'order'`;

const milliseconds = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

export const TIMER_CHANGES = `
  SELECT token, awaits, saga_id, step, partition, ${milliseconds('due_at')} AS due_ms, ${milliseconds('at')} AS at_ms
  FROM chaos_timer ORDER BY position`;

export const OFFSET_CHANGES = `
  SELECT topic, partition, epoch, next_offset, ${milliseconds('at')} AS at_ms FROM chaos_offset ORDER BY at, position`;

/**
 * A timer that fires sends its command again, or records the timeout, or the end of a delay or wait. A deadline
 * publishes details once more, or fails the order.
 */
export const FIRED_TIMERS = `
  SELECT data->>'commandId' || ':' || ((data->>'attempt')::integer - 1) AS token FROM event WHERE type = 'CommandResent'
  UNION ALL
  SELECT data->>'commandId' || ':' || (1 + (
    SELECT count(*) FROM event AS resent
    WHERE resent.stream = event.stream AND resent.type = 'CommandResent' AND resent.data->>'commandId' = event.data->>'commandId'
  )) AS token
  FROM event WHERE type = 'StepTimedOut'
  UNION ALL
  SELECT started.data->>'waitId' || ':1' AS token
  FROM event AS ended JOIN event AS started
    ON started.stream = ended.stream AND started.type = 'WaitStarted' AND started.data->>'wait' = ended.data->>'wait'
  WHERE ended.type = 'WaitOver'
  UNION ALL
  SELECT metadata->>'causationId' || ':' || (1 + (
    SELECT count(*) FROM event AS before
    WHERE before.stream = event.stream AND before.version < event.version AND before.type = 'DetailsRepeated'
  )) AS token
  FROM event WHERE type = 'DetailsRepeated' OR (type = 'ChoreographyFailed' AND data->>'reason' = 'step_timeout')`;

export const ORDER_STYLES = `
  SELECT coalesce(data->>'style', 'orchestrated') AS style, count(*) AS count FROM event
  WHERE stream LIKE 'order-%' AND type = 'OrderCreated' GROUP BY 1 ORDER BY 1`;

export const SAGA_VERSIONS = `
  SELECT data->>'version' AS version, count(*) AS count FROM event
  WHERE stream LIKE 'saga-fulfillment-%' AND type = 'SagaStarted' GROUP BY data->>'version' ORDER BY 1`;
