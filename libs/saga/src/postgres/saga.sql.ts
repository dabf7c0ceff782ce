/**
 * What the inputs of a unit of work change beside the streams, in one round trip. The parts touch different rows, so that it does not matter
 * that they see the same snapshot: of each timer only the last change stands here. A re-send replaces the timer of the sending before.
 *
 * Of each instance $1 definition, $2 saga id, $3 version, $4 status, $5 step, $6 needs attention, $7 reason, $8 start topic, $9 partition,
 * $10 started at, $11 updated at; of each timer that is over $12 definition, $13 saga id, $14 role, $15 step; of each that is set $16 definition,
 * $17 saga id, $18 role, $19 step, $20 token, $21 attempt, $22 due at, $23 step timeout, $24 start topic, $25 partition,
 * $26 traceparent, $27 tracestate.
 */
export const SAVE_SAGAS = `
  WITH instance AS (
    INSERT INTO saga_instance (definition, saga_id, version, status, step, needs_attention, reason, start_topic, partition, started_at, updated_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::integer[],
                         $10::timestamptz[], $11::timestamptz[])
    ON CONFLICT (definition, saga_id) DO UPDATE
    SET status = excluded.status, step = excluded.step, needs_attention = excluded.needs_attention, reason = excluded.reason,
        updated_at = excluded.updated_at
  ), cleared AS (
    DELETE FROM saga_timer USING unnest($12::text[], $13::text[], $14::text[], $15::text[]) AS over (definition, saga_id, role, step)
    WHERE saga_timer.definition = over.definition AND saga_timer.saga_id = over.saga_id AND saga_timer.role = over.role
      AND saga_timer.step = over.step
  )
  INSERT INTO saga_timer (definition, saga_id, role, step, token, attempt, due_at, step_timeout_ms, start_topic, partition,
                          traceparent, tracestate)
  SELECT * FROM unnest($16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::integer[], $22::timestamptz[], $23::integer[],
                       $24::text[], $25::integer[], $26::text[], $27::text[])
  ON CONFLICT (definition, saga_id, role, step) DO UPDATE
  SET token = excluded.token, attempt = excluded.attempt, due_at = excluded.due_at, step_timeout_ms = excluded.step_timeout_ms,
      traceparent = excluded.traceparent, tracestate = excluded.tracestate`;

/** $1 instances of each version. From one version to the next by the partial index, so that live instances are counted only so far. */
export const LIVE_VERSIONS = `
  WITH RECURSIVE live AS (
    (SELECT definition, version FROM saga_instance WHERE status NOT IN ('completed', 'compensated')
     ORDER BY definition, version LIMIT 1)
    UNION ALL
    SELECT next.definition, next.version FROM live, LATERAL (
      SELECT definition, version FROM saga_instance
      WHERE status NOT IN ('completed', 'compensated') AND (definition, version) > (live.definition, live.version)
      ORDER BY definition, version LIMIT 1
    ) AS next
  )
  SELECT live.definition, live.version, count(*)::integer AS instances
  FROM live, LATERAL (
    SELECT 1 FROM saga_instance
    WHERE status NOT IN ('completed', 'compensated') AND definition = live.definition AND version = live.version LIMIT $1
  ) AS counted
  GROUP BY live.definition, live.version ORDER BY live.definition, live.version`;

/**
 * $1 saga ids; $2 definitions and $3 versions that are known. One of these sagas that is live and of no known version, of a saga whose
 * name is not known either. By the primary key, from one name to the next.
 */
export const UNKNOWN_INSTANCE = `
  WITH RECURSIVE name AS (
    (SELECT definition FROM saga_instance ORDER BY definition LIMIT 1)
    UNION ALL
    SELECT next.definition FROM name, LATERAL (
      SELECT definition FROM saga_instance WHERE definition > name.definition ORDER BY definition LIMIT 1
    ) AS next
  )
  SELECT found.definition, found.saga_id, found.version
  FROM name CROSS JOIN unnest($1::text[]) AS wanted (saga_id) CROSS JOIN LATERAL (
    SELECT definition, saga_id, version FROM saga_instance
    WHERE definition = name.definition AND saga_id = wanted.saga_id AND status NOT IN ('completed', 'compensated') LIMIT 1
  ) AS found
  WHERE (found.definition, found.version) NOT IN (SELECT * FROM unnest($2::text[], $3::integer[]))
  LIMIT 1`;

export const TIMERS_OF_SAGA = `
  SELECT role, step, attempt, due_at FROM saga_timer WHERE definition = $1 AND saga_id = $2 ORDER BY due_at, role, step`;

/** Timers of some partitions that are due by a moment, so many for each: one partition that cannot fire hides no other. No locks. */
export const TIMERS_UNTIL = `
  SELECT timer.definition, timer.saga_id, timer.role, timer.step, timer.token, timer.due_at, timer.start_topic, timer.partition,
    timer.traceparent, timer.tracestate
  FROM unnest($1::text[], $2::integer[]) AS owned (topic, number)
  CROSS JOIN LATERAL (
    SELECT * FROM saga_timer
    WHERE start_topic = owned.topic AND partition = owned.number AND due_at <= $3
    ORDER BY due_at LIMIT $4
  ) AS timer
  ORDER BY timer.due_at`;

/**
 * The last check before firing. Order of the locks: the epoch-checked offset row, then the streams of the sagas, then these rows; a
 * reply takes the same ones, so whichever comes second sees what the first one did. $1 definitions, $2 saga ids,
 * $3 roles, $4 steps, $5 tokens, $6 now.
 */
export const TIMERS_STILL_DUE = `
  SELECT timer.token FROM saga_timer AS timer
  JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS found (definition, saga_id, role, step, token)
    USING (definition, saga_id, role, step, token)
  WHERE timer.due_at <= $6
  ORDER BY timer.definition, timer.saga_id, timer.role, timer.step
  FOR UPDATE OF timer`;

/**
 * Of each timer $1 definition, $2 saga id, $3 role, $4 step, $5 token; $6 due at. It holds no
 * stream locks, so it skips rows of batches that do, as MOVE_DUE_TIMERS does: the next look finds
 * them still due.
 */
export const POSTPONE_TIMERS = `
  UPDATE saga_timer AS timer SET due_at = $6
  FROM (
    SELECT definition, saga_id, role, step
    FROM saga_timer JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS wanted (definition, saga_id, role, step, token)
      USING (definition, saga_id, role, step, token)
    FOR UPDATE OF saga_timer SKIP LOCKED
  ) AS held
  WHERE (timer.definition, timer.saga_id, timer.role, timer.step) = (held.definition, held.saga_id, held.role, held.step)`;

/**
 * Grants every due timer of a partition its step's timeout anew. It holds no stream locks, so it must not wait for rows of batches
 * that do (they may hold one and wait for another): it skips them, and TIMERS_DUE tells whether it has to come back for some.
 */
export const MOVE_DUE_TIMERS = `
  UPDATE saga_timer AS timer SET due_at = $3::timestamptz + timer.step_timeout_ms * interval '1 millisecond'
  FROM (
    SELECT definition, saga_id, role, step FROM saga_timer
    WHERE start_topic = $1 AND partition = $2 AND due_at <= $3 FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE (timer.definition, timer.saga_id, timer.role, timer.step) = (due.definition, due.saga_id, due.role, due.step)`;

export const TIMERS_DUE = `
  SELECT count(*)::integer AS due FROM saga_timer WHERE start_topic = $1 AND partition = $2 AND due_at <= $3`;

/** $1 instances. Those that are not over, by the partial index; of more than $1 some are left out. */
export const LIVE_SAGAS = `
  SELECT definition, status, count(*)::integer AS instances,
    greatest(extract(epoch FROM clock_timestamp() - min(started_at)), 0)::float8 * 1000 AS oldest_age_ms
  FROM (
    SELECT definition, status, started_at FROM saga_instance WHERE status NOT IN ('completed', 'compensated')
    ORDER BY definition, version LIMIT $1
  ) AS live
  GROUP BY definition, status ORDER BY definition, status`;

/** $1 instances, those first that have said so for the longest time. */
export const SAGAS_IN_NEED = `
  SELECT definition, count(*)::integer AS instances
  FROM (SELECT definition FROM saga_instance WHERE needs_attention ORDER BY updated_at LIMIT $1) AS waiting
  GROUP BY definition ORDER BY definition`;

/**
 * $1 timers of each partition. From one partition's first timer to the next one's by the index, so that a backlog of timers is not read; of each
 * partition the due ones are counted, the most overdue first.
 */
export const OVERDUE_TIMERS = `
  WITH RECURSIVE holder AS (
    (SELECT start_topic, partition FROM saga_timer ORDER BY start_topic, partition LIMIT 1)
    UNION ALL
    SELECT next.start_topic, next.partition FROM holder, LATERAL (
      SELECT start_topic, partition FROM saga_timer
      WHERE (start_topic, partition) > (holder.start_topic, holder.partition) ORDER BY start_topic, partition LIMIT 1
    ) AS next
  )
  SELECT count(due.due_at)::integer AS overdue,
    coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due.due_at)), 0), 0)::float8 * 1000 AS oldest_overdue_ms
  FROM holder, LATERAL (
    SELECT due_at FROM saga_timer
    WHERE start_topic = holder.start_topic AND partition = holder.partition AND due_at <= clock_timestamp()
    ORDER BY due_at LIMIT $1
  ) AS due`;
