import {
  type SqlRow,
  type SqlTransaction,
  type Queryable,
  type SqlDatabase,
} from '@millrace/streaming-core/postgres';
import { appendRows } from '@millrace/streaming-core/outbox';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { PartitionOffset } from '@millrace/streaming-core/client';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetterLog } from './dead-letter-log.ts';
import { redriven, refusalOf, type RedriveRefusal } from './redriven.ts';
import type { Edit, SealedLetters, SealedRefusal } from './sealed-letters.ts';
import { createTidying } from './tidying.ts';

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
async function readDecisions(
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
async function recordDecision(
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

/** The decision of an operator about letters. An edit is for one letter. */
interface DecisionOfLetters {
  readonly decision: Decision['decision'];
  readonly actor: string;
  readonly reason: string;
  readonly edit?: Edit | undefined;
  readonly edited: readonly string[];
}

export interface Outcome {
  readonly letter: DeadLetter;
  /** `decided_before` means that an operator had decided about the letter already. */
  readonly outcome: Decision['decision'] | RedriveRefusal | SealedRefusal | 'decided_before';
}

/** The dead letters of a service, and what operators decide about them. */
export interface DeadLetterDecisions extends DeadLetterLog {
  decisions(letters: readonly DeadLetter[]): Promise<ReadonlyMap<string, Decision>>;
  /** Says what `carryOut` would do now. */
  judge(letters: readonly DeadLetter[], asked: DecisionOfLetters): Promise<readonly Outcome[]>;
  /**
   * Decides about the letters that nobody has decided about, in one transaction: the messages of
   * redriven ones are written to the outbox. After the commit, the letters at the beginning of
   * their topic that are decided are deleted.
   */
  carryOut(letters: readonly DeadLetter[], asked: DecisionOfLetters): Promise<readonly Outcome[]>;
}

interface DeadLetterDecisionsOptions {
  readonly log: DeadLetterLog;
  /** The database of the service. Its statements join the transaction of the request. */
  readonly database: SqlDatabase;
  readonly deleteBefore: (place: PartitionOffset) => Promise<unknown>;
  readonly newId: () => string;
  readonly sealed: SealedLetters;
  readonly logger: Logger;
}

/**
 * Adds to a log of dead letters what operators decide about them, which the database of the service
 * records. A letter is decided about once: later decisions report `decided_before`.
 */
export function deadLetterDecisions({
  log,
  database,
  deleteBefore,
  newId,
  sealed,
  logger,
}: DeadLetterDecisionsOptions): DeadLetterDecisions {
  /** Judges letters as if nobody had decided about them. */
  async function judgeAnew(
    letters: readonly DeadLetter[],
    { decision, edit }: DecisionOfLetters,
  ): Promise<readonly Outcome[]> {
    if (decision !== 'redriven') return letters.map((letter) => ({ letter, outcome: decision }));
    const refusals = await sealed.refusals(letters);
    return letters.map((letter) => ({
      letter,
      outcome: refusalOf(letter, edit !== undefined) ?? refusals.get(letter) ?? decision,
    }));
  }

  async function judge(
    letters: readonly DeadLetter[],
    asked: DecisionOfLetters,
  ): Promise<readonly Outcome[]> {
    const decided = await readDecisions(database, letters);
    const outcomes = await judgeAnew(letters, asked);
    return outcomes.map(({ letter, outcome }) =>
      decided.has(letter.id) ? { letter, outcome: 'decided_before' } : { letter, outcome },
    );
  }

  async function carryOut(
    letters: readonly DeadLetter[],
    asked: DecisionOfLetters,
  ): Promise<readonly Outcome[]> {
    const outcomes = await judgeAnew(letters, asked);
    const [first] = letters;
    const edit = asked.edit && first && (await sealed.seal(first, asked.edit));
    return database.transaction(async (transaction) => {
      const taken = outcomes.filter(({ outcome }) => outcome === asked.decision).map(({ letter }) => letter);
      const own = new Set(await recordDecision(transaction, taken, asked));
      if (asked.decision === 'redriven')
        await transaction.unitOfWork(() =>
          appendRows(
            transaction,
            [...own].map((letter) => redriven(letter, newId(), edit)),
          ),
        );
      tidyAfter(transaction, [...own]);
      return outcomes.map(({ letter, outcome }) =>
        outcome === asked.decision && !own.has(letter)
          ? { letter, outcome: 'decided_before' }
          : { letter, outcome },
      );
    });
  }

  const tidy = createTidying({
    beginning: (topic) => log.beginning(topic),
    readDecisions: (letters) => readDecisions(database, letters),
    deleteBefore,
    logger,
  });

  /** The decisions are committed by then, so a failure only leaves decided letters on the log. */
  function tidyAfter(transaction: SqlTransaction, letters: readonly DeadLetter[]): void {
    const topics = new Set(letters.map(({ topic }) => topic));
    transaction.onEnd((committed) => committed && topics.forEach(tidy));
  }

  return { ...log, decisions: (letters) => readDecisions(database, letters), judge, carryOut };
}
