import type { SqlRow, SqlTransaction, Queryable } from '../../postgres/index.ts';
import { isGivenUp } from './parked-messages.ts';

const isFirstOfKey = `NOT EXISTS (
    SELECT 1 FROM parked_message AS earlier WHERE earlier.position < first.position AND
      (earlier.consumer_group, earlier.topic, earlier.partition, earlier.key_digest) =
      (first.consumer_group, first.topic, first.partition, first.key_digest))`;

/**
 * Lists the first message of each parked key, in the order of their positions. $1 topic or null, $2
 * position after which to begin, $3 limit.
 */
const listParkedKeys = `
  SELECT first.position, consumer_group, topic, partition, record_offset, key, headers ->> 'ce_type' AS type,
    message_id,
    attempts_in_place + retries AS attempts, parked_at, retry_at, last_error,
    (SELECT count(*)::integer FROM parked_message AS same WHERE
      (same.consumer_group, same.topic, same.partition, same.key_digest) =
      (first.consumer_group, first.topic, first.partition, first.key_digest)) AS messages
  FROM parked_message AS first
  WHERE first.position > $2 AND ($1::text IS NULL OR first.topic = $1) AND ${isFirstOfKey}
  ORDER BY first.position LIMIT $3`;

/** Makes the first message of a key due (`hurriedKeys`). $1 position. */
const hurryParked = `
  UPDATE parked_message AS first SET retry_at = 'epoch'
  WHERE first.position = $1 AND ${isFirstOfKey}`;

/** Marks the first message of a key as given up (`isGivenUp`). $1 position. */
const giveUpParked = `
  UPDATE parked_message AS first SET parked_at = 'epoch'
  WHERE first.position = $1 AND ${isFirstOfKey}`;

/** A parked key, with its first message, which is retried and holds up the others. */
export interface ListedParkedKey {
  /** The position of the first message, which orders the list. */
  readonly position: bigint;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly type: string | null;
  readonly messageId: string;
  /** The number of messages of the key, with the first one. */
  readonly messages: number;
  readonly attempts: number;
  /** Null once an operator has given the message up. */
  readonly parkedAt: Date | null;
  readonly retryAt: Date;
  readonly lastError: string | null;
}

export interface ParkedKeyQuery {
  readonly topic?: string | undefined;
  /** Lists keys whose first message was parked after the one at this position. */
  readonly after?: bigint | undefined;
  readonly limit: number;
}

interface ParkedKeyRow extends SqlRow {
  readonly position: string;
  readonly consumer_group: string;
  readonly topic: string;
  readonly partition: number;
  readonly record_offset: string;
  readonly key: Buffer;
  readonly type: string | null;
  readonly message_id: string;
  readonly messages: number;
  readonly attempts: number;
  readonly parked_at: Date;
  readonly retry_at: Date;
  readonly last_error: string | null;
}

/** Lists the parked keys of every group in a database, those that were parked first at the beginning. */
export async function listParked(
  database: Queryable,
  { topic, after = 0n, limit }: ParkedKeyQuery,
): Promise<readonly ListedParkedKey[]> {
  const { rows } = await database.query<ParkedKeyRow>(listParkedKeys, [topic ?? null, String(after), limit]);
  return rows.map((row) => ({
    position: BigInt(row.position),
    group: row.consumer_group,
    topic: row.topic,
    partition: row.partition,
    offset: BigInt(row.record_offset),
    key: row.key.toString('utf8'),
    type: row.type,
    messageId: row.message_id,
    messages: row.messages,
    attempts: row.attempts,
    parkedAt: isGivenUp(Number(row.parked_at)) ? null : row.parked_at,
    retryAt: row.retry_at,
    lastError: row.last_error,
  }));
}

/**
 * Lets the next attempt at the first message of a key be the last: if it fails, the message becomes
 * a dead letter and the rest of the key goes on. The owner of the partition makes that attempt when
 * it is due. Resolves to false if no key has its first message at this position.
 */
export async function giveUpAfterNextAttempt(database: SqlTransaction, position: bigint): Promise<boolean> {
  return (await database.query(giveUpParked, [String(position)])).rowCount > 0;
}

/**
 * Lets the first message of a key be tried again now: the owner of the partition does so within
 * `hearOperatorsMs`. Resolves to false if no key has its first message at this position.
 */
export async function retryNow(database: SqlTransaction, position: bigint): Promise<boolean> {
  return (await database.query(hurryParked, [String(position)])).rowCount > 0;
}
