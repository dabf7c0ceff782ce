import type { DurationMs } from '../../../runtime/index.ts';
import type { TopicPartition } from '../../../client/index.ts';
import type { SqlTransaction, Queryable } from '../../../postgres/index.ts';
import type { Batches } from '../batch.ts';
import { reasonOf } from '../dead-letter.ts';
import type { ConsumerLimits } from '../limits.ts';
import type { OffsetRow } from '../offset-store.ts';
import { digestOf, ParkingFullError, type ParkedMessage, type ToPark } from './parked-message.ts';
import {
  deleteParked,
  firstParked,
  hurriedKeys,
  parkedAmongKeys,
  parkedFiguresStatement,
  parkedKeys,
  parkMessages,
  postponeParked,
} from './parked.sql.ts';

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

export interface ParkedKey {
  readonly digest: string;
  readonly messages: number;
  readonly retryAtMs: number;
}

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
