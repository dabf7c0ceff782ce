/**
 * Writes what the inputs of a unit of work change outside the streams, in one round trip. The parts
 * touch different rows, since only the last change of each timer is written, so it does not matter
 * that they see the same snapshot. A re-send replaces the timer of the previous sending.
 *
 * - Each instance: $1 definition, $2 saga id, $3 version, $4 status, $5 step, $6 needs attention,
 *   $7 reason, $8 start topic, $9 partition, $10 started at, $11 updated at, $28 paused, $29 steps
 *   as a JSON array.
 * - Each timer to delete: $12 definition, $13 saga id, $14 role, $15 step.
 * - Each timer to set: $16 definition, $17 saga id, $18 role, $19 step, $20 token, $21 attempt, $22
 *   due at, $23 step timeout, $24 start topic, $25 partition, $26 traceparent, $27 tracestate, $30 topic of the
 *   command, $31 whether it was held back.
 */
export const SAVE_SAGAS = `
  WITH instance AS (
    INSERT INTO saga_instance (definition, saga_id, version, status, step, needs_attention, reason, start_topic,
                               partition, started_at, updated_at, paused, steps)
    SELECT definition, saga_id, version, status, step, needs_attention, reason, start_topic, partition, started_at, updated_at, paused,
           ARRAY(SELECT jsonb_array_elements_text(steps::jsonb))
    FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::integer[],
                         $10::timestamptz[], $11::timestamptz[], $28::boolean[], $29::text[])
      AS saved (definition, saga_id, version, status, step, needs_attention, reason, start_topic, partition, started_at, updated_at,
                paused, steps)
    ON CONFLICT (definition, saga_id) DO UPDATE
    SET status = excluded.status, step = excluded.step, needs_attention = excluded.needs_attention, reason = excluded.reason,
        partition = coalesce(saga_instance.partition, excluded.partition), updated_at = excluded.updated_at,
        paused = excluded.paused, steps = excluded.steps
  ), cleared AS (
    DELETE FROM saga_timer USING unnest($12::text[], $13::text[], $14::text[], $15::text[]) AS over (definition, saga_id, role, step)
    WHERE saga_timer.definition = over.definition AND saga_timer.saga_id = over.saga_id AND saga_timer.role = over.role
      AND saga_timer.step = over.step
  )
  INSERT INTO saga_timer (definition, saga_id, role, step, token, attempt, due_at, step_timeout_ms, start_topic, partition,
                          traceparent, tracestate, topic, withheld)
  SELECT * FROM unnest($16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::integer[], $22::timestamptz[], $23::integer[],
                       $24::text[], $25::integer[], $26::text[], $27::text[], $30::text[], $31::boolean[])
  ON CONFLICT (definition, saga_id, role, step) DO UPDATE
  SET token = excluded.token, attempt = excluded.attempt, due_at = excluded.due_at, step_timeout_ms = excluded.step_timeout_ms,
      traceparent = excluded.traceparent, tracestate = excluded.tracestate, topic = excluded.topic,
      withheld = excluded.withheld`;

/**
 * Counts the live instances of each version, up to $1. It steps from one version to the next along
 * the partial index, so it reads no more instances than it counts.
 */
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

/** An earlier release writes `step` alone, so `steps` counts only if it begins with it. */
export const openSteps = `CASE WHEN steps[1] IS NOT DISTINCT FROM step THEN steps ELSE array_remove(ARRAY[step], NULL) END`;

/**
 * Counts the live instances of each of the versions $2 of the definitions $1 by their status and what they
 * wait for. It reads up to $3 instances of each version along the partial index.
 */
export const WAITING_BY_PART = `
  SELECT known.definition, known.version, live.status, waits.part, count(*)::integer AS instances
  FROM unnest($1::text[], $2::integer[]) AS known (definition, version) CROSS JOIN LATERAL (
    SELECT status, ${openSteps} AS steps FROM saga_instance
    WHERE status NOT IN ('completed', 'compensated') AND definition = known.definition AND version = known.version LIMIT $3
  ) AS live CROSS JOIN unnest(live.steps) AS waits (part)
  GROUP BY known.definition, known.version, live.status, waits.part ORDER BY known.definition, known.version, waits.part, live.status`;

/**
 * Returns the body of a recursive query, named `as`, that lists each value of an indexed column
 * once. It steps along the index from one value to the next instead of reading every row.
 */
function eachOnce(column: string, { table, as }: { readonly table: string; readonly as: string }): string {
  return `
    (SELECT ${column} FROM ${table} ORDER BY ${column} LIMIT 1)
    UNION ALL
    SELECT next.${column} FROM ${as}, LATERAL (
      SELECT ${column} FROM ${table} WHERE ${column} > ${as}.${column} ORDER BY ${column} LIMIT 1
    ) AS next
  `;
}

/**
 * Finds a live saga with one of the ids $1 whose version, or even name, is not among the known
 * definitions ($2) and their versions ($3). It looks the ids up by the primary key, one definition
 * after the other.
 */
export const UNKNOWN_INSTANCE = `
  WITH RECURSIVE name AS (${eachOnce('definition', { table: 'saga_instance', as: 'name' })})
  SELECT found.definition, found.saga_id, found.version
  FROM name CROSS JOIN unnest($1::text[]) AS wanted (saga_id) CROSS JOIN LATERAL (
    SELECT definition, saga_id, version FROM saga_instance
    WHERE definition = name.definition AND saga_id = wanted.saga_id AND status NOT IN ('completed', 'compensated') LIMIT 1
  ) AS found
  WHERE (found.definition, found.version) NOT IN (SELECT * FROM unnest($2::text[], $3::integer[]))
  LIMIT 1`;

export const PARTITION_OF_SAGA = `SELECT partition FROM saga_instance WHERE definition = $1 AND saga_id = $2`;

export const TIMERS_OF_SAGA = `
  SELECT role, step, attempt, due_at, withheld FROM saga_timer WHERE definition = $1 AND saga_id = $2 ORDER BY due_at, role, step`;

/**
 * Finds the timers of some partitions that are due by a moment, at most $4 in each partition, so
 * that a partition that cannot fire does not hide another. It leaves out what is held back: the
 * definitions $5 and the topics $6. Takes no locks.
 */
export const TIMERS_UNTIL = `
  SELECT timer.definition, timer.saga_id, timer.role, timer.step, timer.token, timer.attempt, timer.due_at, timer.start_topic,
    timer.partition, timer.withheld, timer.traceparent, timer.tracestate, timer.correlation_id
  FROM unnest($1::text[], $2::integer[]) AS owned (topic, number)
  CROSS JOIN LATERAL (
    SELECT * FROM saga_timer
    WHERE start_topic = owned.topic AND partition = owned.number AND due_at <= $3
      AND definition <> ALL ($5::text[]) AND coalesce(topic, '') <> ALL ($6::text[])
    ORDER BY due_at LIMIT $4
  ) AS timer
  ORDER BY timer.due_at`;

/**
 * Makes the last check before timers fire. The locks are taken in this order: the epoch-checked
 * offset row, the streams of the sagas, these rows. A reply takes the same locks, so whichever
 * comes second sees what the first one did. Returns the places of those that are still due.
 *
 * $1 definitions, $2 saga ids, $3 roles, $4 steps, $5 tokens, $6 now.
 */
export const TIMERS_STILL_DUE = `
  SELECT found.place::integer - 1 AS place FROM saga_timer AS timer
  JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
    AS found (definition, saga_id, role, step, token, place)
    USING (definition, saga_id, role, step, token)
  WHERE timer.due_at <= $6
  ORDER BY timer.definition, timer.saga_id, timer.role, timer.step
  FOR UPDATE OF timer`;

/**
 * Postpones timers. It holds no stream locks, so it skips rows of batches that do, as
 * MOVE_DUE_TIMERS does. The next poll finds them still due.
 *
 * $1 definitions, $2 saga ids, $3 roles, $4 steps, $5 tokens, $6 the new due time.
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
 * Grants every due timer of a partition its step's timeout again. It holds no stream locks, so it
 * must not wait for rows of batches that do: such a batch may hold one row and wait for another. It
 * skips these rows, and TIMERS_DUE then shows whether some are left to move.
 */
export const MOVE_DUE_TIMERS = `
  UPDATE saga_timer AS timer SET due_at = $3::timestamptz + timer.step_timeout_ms * interval '1 millisecond'
  FROM (
    SELECT definition, saga_id, role, step FROM saga_timer
    WHERE start_topic = $1 AND partition = $2 AND due_at <= $3 AND NOT withheld FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE (timer.definition, timer.saga_id, timer.role, timer.step) = (due.definition, due.saga_id, due.role, due.step)`;

/**
 * Gives a partition to timers of sagas that started locally, and lets their timeout begin again. A wait
 * that is longer stays as long as it was.
 * Timers that have a partition stay as they are.
 *
 * $1 definitions, $2 saga ids, $3 partitions, $4 now.
 */
export const ADOPT_TIMERS = `
  UPDATE saga_timer AS timer
  SET partition = adopted.partition,
    due_at = CASE WHEN timer.withheld THEN timer.due_at
      ELSE greatest(timer.due_at, adopted.at + timer.step_timeout_ms * interval '1 millisecond') END
  FROM unnest($1::text[], $2::text[], $3::integer[], $4::timestamptz[])
    AS adopted (definition, saga_id, partition, at)
  WHERE (timer.definition, timer.saga_id) = (adopted.definition, adopted.saga_id)
    AND timer.partition IS NULL`;

export const TIMERS_DUE = `
  SELECT count(*)::integer AS due FROM saga_timer WHERE start_topic = $1 AND partition = $2 AND due_at <= $3 AND NOT withheld`;

/**
 * Counts the live sagas through the partial index. If there are more than $1, it leaves some out.
 */
export const LIVE_SAGAS = `
  SELECT definition, status, count(*)::integer AS instances,
    greatest(extract(epoch FROM clock_timestamp() - min(started_at)), 0)::float8 * 1000 AS oldest_age_ms
  FROM (
    SELECT definition, status, started_at FROM saga_instance WHERE status NOT IN ('completed', 'compensated')
    ORDER BY definition, version LIMIT $1
  ) AS live
  GROUP BY definition, status ORDER BY definition, status`;

/**
 * Finds the oldest saga that waits for each step, among the $1 oldest that have not ended. A row of the
 * release before has no `steps`.
 */
export const OLDEST_BY_STEP = `
  SELECT definition, waits.step,
    greatest(extract(epoch FROM clock_timestamp() - min(started_at)), 0)::float8 * 1000 AS oldest_age_ms
  FROM (
    SELECT definition, started_at, coalesce(steps, ARRAY[step]) AS steps FROM saga_instance
    WHERE status NOT IN ('completed', 'compensated') ORDER BY started_at, definition, saga_id LIMIT $1
  ) AS oldest, unnest(steps) AS waits (step)
  WHERE waits.step IS NOT NULL
  GROUP BY definition, waits.step ORDER BY definition, waits.step`;

const commandTimers = `(SELECT * FROM saga_timer WHERE role IN ('step', 'compensation', 'closing')) AS command`;

/**
 * Finds the command of each definition that has waited longest for its reply. A saga that is within a
 * delay or a wait has none.
 */
export const OLDEST_COMMANDS = `
  WITH RECURSIVE name AS (${eachOnce('definition', { table: commandTimers, as: 'name' })})
  SELECT name.definition, oldest.step,
    greatest(extract(epoch FROM clock_timestamp() - oldest.since), 0)::float8 * 1000 AS age_ms
  FROM name, LATERAL (
    SELECT step, since FROM ${commandTimers} WHERE definition = name.definition ORDER BY since LIMIT 1
  ) AS oldest
  ORDER BY name.definition`;

/**
 * Counts the sagas that need attention, at most $1, beginning with those that have waited longest.
 */
export const SAGAS_IN_NEED = `
  SELECT definition, count(*)::integer AS instances
  FROM (SELECT definition FROM saga_instance WHERE needs_attention ORDER BY updated_at LIMIT $1) AS waiting
  GROUP BY definition ORDER BY definition`;

/** Timers that operators hold back are not late. */
const notHeld = `NOT EXISTS (
      SELECT FROM saga_hold
      WHERE (kind, name) IN (('definition', saga_timer.definition), ('commands', saga_timer.topic))
    )`;
/** How late the first of the timers in `due` is, or 0 if there is none. */
const oldestLatenessMs =
  'coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due.due_at)), 0), 0)::float8 * 1000';

/**
 * Counts the due timers of each partition, up to $1, the most overdue first. It steps along the
 * index from the first timer of one partition to the first timer of the next, so it does not read a
 * backlog of timers that are not due.
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
  SELECT count(due.due_at)::integer AS overdue, ${oldestLatenessMs} AS oldest_overdue_ms
  FROM holder, LATERAL (
    SELECT due_at FROM saga_timer
    WHERE start_topic = holder.start_topic AND partition = holder.partition AND due_at <= clock_timestamp() AND ${notHeld}
    ORDER BY due_at LIMIT $1
  ) AS due`;

/** Counts the due timers that have no partition, up to $1 for each start topic. */
export const UNADOPTED_TIMERS = `
  WITH RECURSIVE topic AS (${eachOnce('start_topic', { table: 'saga_timer', as: 'topic' })})
  SELECT count(due.due_at)::integer AS unadopted, ${oldestLatenessMs} AS oldest_unadopted_ms
  FROM topic, LATERAL (
    SELECT due_at FROM saga_timer
    WHERE start_topic = topic.start_topic AND partition IS NULL AND due_at <= clock_timestamp() AND ${notHeld}
    LIMIT $1
  ) AS due`;

/** Finds each timer of a saga that a hold keeps from firing, with the hold. */
export const HOLDS_OF_SAGA = `
  SELECT hold.kind, hold.name, hold.actor, hold.reason, hold.held_at, timer.role, timer.step
  FROM saga_timer AS timer
  JOIN saga_hold AS hold
    ON (hold.kind, hold.name) IN (('definition', timer.definition), ('commands', timer.topic))
  WHERE timer.definition = $1 AND timer.saga_id = $2
  ORDER BY hold.kind, hold.name`;
export const HOLDS = `SELECT kind, name, actor, reason, held_at FROM saga_hold ORDER BY kind, name`;
export const HOLD = `
  INSERT INTO saga_hold (kind, name, actor, reason, held_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (kind, name) DO NOTHING`;
export const RELEASE = `DELETE FROM saga_hold WHERE kind = $1 AND name = $2`;
