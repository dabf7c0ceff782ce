import type { DurationMs } from '../../runtime/index.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { SqlTransaction, Queryable } from '../../postgres/index.ts';
import type { Batches } from './open-batch.ts';
import { reasonOf } from './dead-letter.ts';
import type { ConsumerLimits } from './limits.ts';
import type { OffsetRow } from './offset-store.ts';
import {
  digestOf,
  ParkingFullError,
  type ParkedMessage,
  type ToPark,
  type ParkedKey,
} from './parked-messages.ts';

/**
 * Parks messages in the order of the arrays, or none of them if the group's limits forbid it. It
 * returns how many messages and bytes were parked before, from which the caller learns whether the
 * limits allowed it. A message that is already parked, because its offset was read a second time,
 * stays as it is.
 *
 * $1 group; for each message $2 cluster id, $3 topic id, $4 topic, $5 partition, $6 offset, $7 key
 * digest, $8 key, $9 value, $10 headers, $11 record's time (ms), $12 bytes, $13 parked at, $14
 * retry at, $15 attempts in place, $16 last error, $17 message id; $18 messages at most, $19 bytes
 * at most.
 */
const parkMessages = `
  WITH held AS (
    SELECT count(*)::integer AS messages, coalesce(sum(bytes), 0)::bigint AS bytes FROM parked_message WHERE consumer_group = $1
  ), wanted AS (
    SELECT * FROM unnest($2::text[], $3::uuid[], $4::text[], $5::integer[], $6::bigint[], $7::text[], $8::bytea[], $9::bytea[], $10::json[],
                         $11::bigint[], $12::integer[], $13::timestamptz[], $14::timestamptz[], $15::integer[], $16::text[], $17::uuid[]) WITH ORDINALITY
      AS message (cluster_id, topic_id, topic, partition, record_offset, key_digest, key, value, headers,
                  recorded_at_ms, bytes, parked_at, retry_at, attempts_in_place, last_error, message_id, number)
  ), parked AS (
    INSERT INTO parked_message (consumer_group, cluster_id, topic_id, topic, partition, record_offset, key_digest, key, value, headers,
                                recorded_at_ms, bytes, parked_at, retry_at, attempts_in_place, last_error, message_id)
    SELECT $1, cluster_id, topic_id, topic, partition, record_offset, key_digest, key, value, headers,
           recorded_at_ms, wanted.bytes, parked_at, retry_at, attempts_in_place, last_error, message_id
    FROM wanted, held
    WHERE held.messages + cardinality($2::text[]) <= $18 AND held.bytes + (SELECT sum(bytes) FROM wanted) <= $19
    ORDER BY number
    ON CONFLICT DO NOTHING
  )
  SELECT messages, bytes FROM held`;

const deleteParked = `DELETE FROM parked_message WHERE position = ANY ($1::bigint[])`;

/** $1 positions, $2 times of the next retry, $3 last errors. */
const postponeParked = `
  UPDATE parked_message AS stored SET retries = retries + 1, retry_at = failed.retry_at, last_error = failed.last_error
  FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS failed (position, retry_at, last_error)
  WHERE stored.position = failed.position`;

/**
 * Returns the parked keys of a partition, each with its number of messages and the time of the
 * first one's next retry. $1 group, $2 topic, $3 partition.
 */
const parkedKeys = `
  SELECT DISTINCT ON (key_digest) key_digest, retry_at, count(*) OVER (PARTITION BY key_digest)::integer AS messages
  FROM parked_message WHERE consumer_group = $1 AND topic = $2 AND partition = $3
  ORDER BY key_digest, position`;

/** The parked keys that an operator wants to be tried now. $1 group, $2 topic, $3 partition. */
const hurriedKeys = `
  SELECT DISTINCT key_digest FROM parked_message
  WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND retry_at = 'epoch'`;

/** $1 group, $2 topic, $3 partition, $4 key digest. */
const firstParked = `
  SELECT position, record_offset, key, value, headers, recorded_at_ms, parked_at, attempts_in_place, retries
  FROM parked_message WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND key_digest = $4
  ORDER BY position LIMIT 1`;

/** $1 group, $2 topics, $3 key digests. */
const parkedAmongKeys = `
  SELECT DISTINCT key_digest FROM parked_message
  WHERE consumer_group = $1 AND topic = ANY ($2::text[]) AND key_digest = ANY ($3::text[])`;

/** $1 group, $2 the maximum number of messages to count, beginning with the oldest. */
const parkedFiguresStatement = `
  SELECT topic, sum(messages)::integer AS messages, count(*)::integer AS keys,
    greatest(extract(epoch FROM clock_timestamp() - min(oldest_at)), 0)::float8 * 1000 AS oldest_age_ms
  FROM (
    SELECT topic, count(*) AS messages, min(parked_at) AS oldest_at
    FROM (
      SELECT topic, partition, key_digest, parked_at FROM parked_message
      WHERE consumer_group = $1 ORDER BY position LIMIT $2
    ) AS parked
    GROUP BY topic, partition, key_digest
  ) AS parked_key
  GROUP BY topic ORDER BY topic`;

export type ParkingLimits = Pick<ConsumerLimits, 'parkedMessagesMax' | 'parkedBytesMax'>;

type Place = Pick<OffsetRow, 'group' | keyof TopicPartition>;

/**
 * Writes the changes of the batches to parked messages. The transaction holds their epoch-checked
 * offset rows, so two owners never write to the rows of one partition. Rejects with
 * `ParkingFullError` if a limit of the group is reached.
 */
export async function writeParking(
  transaction: SqlTransaction,
  batches: Batches,
  limits: ParkingLimits,
): Promise<void> {
  const toPark = batches.flatMap(({ row, parking }) =>
    (parking?.parked ?? []).map((message) => ({ row, message })),
  );
  const unparked = batches.flatMap(({ parking }) => parking?.unparked ?? []);
  const postponed = batches.flatMap(({ parking }) => parking?.postponed ?? []);
  if (toPark.length > 0) await park(transaction, toPark, limits);
  if (unparked.length > 0) await transaction.query(deleteParked, [unparked.map(({ position }) => position)]);
  if (postponed.length > 0)
    await transaction.query(postponeParked, [
      postponed.map(({ message }) => message.position),
      postponed.map(({ retryAtMs }) => new Date(retryAtMs)),
      postponed.map(({ error }) => reasonOf(error)),
    ]);
}

async function park(
  transaction: SqlTransaction,
  toPark: ReadonlyArray<{ readonly row: OffsetRow; readonly message: ToPark }>,
  { parkedMessagesMax, parkedBytesMax }: ParkingLimits,
): Promise<void> {
  const group = toPark[0]?.row.group ?? '';
  const messages = toPark.map(({ message }) => message);
  const { rows } = await transaction.query<{ messages: number; bytes: string }>(parkMessages, [
    group,
    toPark.map(({ row }) => row.identity.clusterId),
    toPark.map(({ row }) => row.identity.topicId),
    toPark.map(({ row }) => row.topic),
    toPark.map(({ row }) => row.partition),
    messages.map(({ record }) => String(record.offset)),
    messages.map(({ digest }) => digest),
    messages.map(({ record }) => record.key),
    messages.map(({ record }) => record.value),
    messages.map(({ record }) => JSON.stringify(Object.fromEntries(record.headers))),
    messages.map(({ record }) => String(record.timestampMs)),
    messages.map(bytesOf),
    messages.map(({ parkedAtMs }) => new Date(parkedAtMs)),
    messages.map(({ retryAtMs }) => new Date(retryAtMs)),
    messages.map(({ attemptsInPlace }) => attemptsInPlace),
    messages.map(({ error }) => (error === undefined ? null : reasonOf(error))),
    messages.map(({ record }) => record.headers.get('ce_id')),
    parkedMessagesMax,
    parkedBytesMax,
  ]);
  const held = rows[0]?.messages ?? 0;
  const heldBytes = Number(rows[0]?.bytes ?? 0);
  const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0);
  if (held + messages.length <= parkedMessagesMax && heldBytes + bytes <= parkedBytesMax) return;
  throw new ParkingFullError(
    `group ${group} has parked ${held} messages (${heldBytes} bytes), ` +
      `and may park at most ${parkedMessagesMax} (${parkedBytesMax} bytes): ` +
      'fix the cause of their failures (see last_error in parked_message); ' +
      'the partition continues as soon as there is room',
  );
}

const bytesOf = ({ record }: ToPark): number =>
  [...record.headers].reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    (record.key?.length ?? 0) + (record.value?.length ?? 0),
  );

/**
 * Call this after the epoch was raised, because from then on no other process changes the
 * partition's rows.
 */
export async function loadParkedKeys(
  database: Queryable,
  { group, topic, partition }: Place,
): Promise<readonly ParkedKey[]> {
  const { rows } = await database.query<{ key_digest: string; retry_at: Date; messages: number }>(
    parkedKeys,
    [group, topic, partition],
  );
  return rows.map(({ key_digest: digest, retry_at, messages }) => ({
    digest,
    messages,
    retryAtMs: retry_at.getTime(),
  }));
}

/** Returns the digests of the keys that an operator wants to be tried now. */
export async function hurriedAmong(
  database: Queryable,
  { group, topic, partition }: Place,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ key_digest: string }>(hurriedKeys, [group, topic, partition]);
  return rows.map(({ key_digest }) => key_digest);
}

type StoredMessage = {
  position: string;
  record_offset: string;
  key: Buffer;
  value: Buffer;
  headers: Readonly<Record<string, string>>;
  recorded_at_ms: string;
  /** The driver returns -infinity, which an operator may have set, as a number. */
  parked_at: Date | number;
  attempts_in_place: number;
  retries: number;
};

/** Returns the first parked message of the key, which is tried next. */
export async function firstParkedOf(
  database: Queryable,
  { group, topic, partition }: Place,
  digest: string,
): Promise<ParkedMessage | undefined> {
  const { rows } = await database.query<StoredMessage>(firstParked, [group, topic, partition, digest]);
  const [stored] = rows;
  return (
    stored && {
      position: stored.position,
      digest,
      record: {
        topic,
        partition,
        offset: BigInt(stored.record_offset),
        timestampMs: Number(stored.recorded_at_ms),
        key: stored.key,
        value: stored.value,
        headers: new Map(Object.entries(stored.headers)),
      },
      parkedAtMs: Number(stored.parked_at),
      attemptsInPlace: stored.attempts_in_place,
      retries: stored.retries,
    }
  );
}

/** Finds the keys that have a parked message of the group on one of the topics, in one query. */
export async function parkedAmong(
  database: Queryable,
  group: string,
  topics: readonly string[],
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const digests = keys.map(digestOf);
  const { rows } = await database.query<{ key_digest: string }>(parkedAmongKeys, [group, topics, digests]);
  const parked = new Set(rows.map(({ key_digest }) => key_digest));
  return new Set(keys.filter((_, index) => parked.has(digests[index] ?? '')));
}

/** Counting stops at this number of rows. */
const figuresRowsMax = 10_000;

export interface ParkedFigures {
  readonly topic: string;
  readonly keys: number;
  readonly messages: number;
  readonly oldestAgeMs: DurationMs;
}

/**
 * Counts the parked messages of a group by topic, no matter which process owns the partitions. A
 * topic without parked messages is left out.
 */
export async function parkedFigures(database: Queryable, group: string): Promise<readonly ParkedFigures[]> {
  const { rows } = await database.query<{
    topic: string;
    keys: number;
    messages: number;
    oldest_age_ms: number;
  }>(parkedFiguresStatement, [group, figuresRowsMax]);
  return rows.map(({ oldest_age_ms: oldestAgeMs, ...figures }) => ({ ...figures, oldestAgeMs }));
}
