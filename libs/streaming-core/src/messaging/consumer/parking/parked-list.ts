import type { SqlRow, SqlTransaction, Queryable } from '../../../postgres/index.ts';
import { isGivenUp } from './parked-message.ts';
import { giveUpParked, hurryParked, listParkedKeys } from './parked-list.sql.ts';

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
