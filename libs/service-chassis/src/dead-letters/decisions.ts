import type { SqlRow, SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';
import type { DeadLetter } from './dead-letter.ts';

/** The decision of an operator about a dead letter. There is at most one for each letter. */
export interface Decision {
  readonly decision: 'redriven' | 'discarded';
  readonly actor: string;
  readonly reason: string;
  readonly edited: readonly string[];
  /** ISO 8601, UTC. */
  readonly decidedAt: string;
}

interface DecisionRow extends SqlRow {
  readonly topic_id: string;
  readonly partition: number;
  readonly record_offset: string;
  readonly decision: Decision['decision'];
  readonly actor: string;
  readonly reason: string;
  readonly edited: readonly string[];
  readonly decided_at: Date;
}

/** $1 topic ids, $2 partitions, $3 offsets. */
const decisionsOf = `
  SELECT topic_id, partition, record_offset, decision, actor, reason, edited, decided_at
  FROM dead_letter_decision
  JOIN unnest($1::uuid[], $2::integer[], $3::bigint[]) AS letter (topic_id, partition, record_offset)
    USING (topic_id, partition, record_offset)`;

/** Returns the decisions about these letters, by the ids of the letters. */
export async function readDecisions(
  database: Queryable,
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, Decision>> {
  if (letters.length === 0) return new Map();
  const { rows } = await database.query<DecisionRow>(decisionsOf, placesOf(letters));
  const found = new Map(
    rows.map(({ topic_id, partition, record_offset, decided_at, ...row }) => [
      `${topic_id}:${partition}:${record_offset}`,
      {
        decision: row.decision,
        actor: row.actor,
        reason: row.reason,
        edited: row.edited,
        decidedAt: decided_at.toISOString(),
      },
    ]),
  );
  return new Map(
    letters.flatMap((letter) => {
      const decision = found.get(`${letter.topicId}:${letter.partition}:${letter.offset}`);
      return decision === undefined ? [] : [[letter.id, decision] as const];
    }),
  );
}

/**
 * $1 topic ids, $2 partitions, $3 offsets, $4 topics, $5 decision, $6 actor, $7 reason, $8 edited
 * paths; $9 groups, $10 partitions and $11 offsets of the messages.
 */
const decide = `
  INSERT INTO dead_letter_decision (topic_id, partition, record_offset, topic, decision, actor, reason, edited,
    consumer_group, origin_partition, origin_offset)
  SELECT topic_id, partition, record_offset, topic, $5, $6, $7, $8, consumer_group, origin_partition, origin_offset
  FROM unnest($1::uuid[], $2::integer[], $3::bigint[], $4::text[], $9::text[], $10::integer[], $11::bigint[])
    AS letter (topic_id, partition, record_offset, topic, consumer_group, origin_partition, origin_offset)
  ORDER BY topic_id, partition, record_offset
  ON CONFLICT DO NOTHING
  RETURNING topic_id, partition, record_offset`;

/**
 * Records a decision about letters, and returns those that nobody had decided before: of two
 * operators, one gets each letter.
 */
export async function recordDecision(
  transaction: SqlTransaction,
  letters: readonly DeadLetter[],
  { decision, actor, reason, edited }: Omit<Decision, 'decidedAt'>,
): Promise<readonly DeadLetter[]> {
  if (letters.length === 0) return [];
  const { rows } = await transaction.query<Pick<DecisionRow, 'topic_id' | 'partition' | 'record_offset'>>(
    decide,
    [
      ...placesOf(letters),
      letters.map(({ topic }) => topic),
      decision,
      actor,
      reason,
      edited,
      letters.map(({ group }) => group),
      letters.map(({ originPartition }) => originPartition),
      letters.map(({ originOffset }) => originOffset),
    ],
  );
  const own = new Set(
    rows.map(({ topic_id, partition, record_offset }) => `${topic_id}:${partition}:${record_offset}`),
  );
  return letters.filter(({ topicId, partition, offset }) => own.has(`${topicId}:${partition}:${offset}`));
}

const placesOf = (letters: readonly DeadLetter[]): readonly unknown[] => [
  letters.map(({ topicId }) => topicId),
  letters.map(({ partition }) => partition),
  letters.map(({ offset }) => String(offset)),
];
