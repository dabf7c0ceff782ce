import type { Client } from 'pg';
import { withClient } from '../setup/databases.ts';

/** How far the relays and consumers of one database had got on the log. */
interface LogPositions {
  readonly relays: ReadonlyArray<{ readonly name: string; readonly position: string }>;
  readonly offsets: ReadonlyArray<{
    readonly consumer_group: string;
    readonly cluster_id: string;
    readonly topic_id: string;
    readonly partition: number;
    readonly next_offset: string;
  }>;
}

export type PositionsByDatabase = Readonly<Record<string, LogPositions>>;

const databases = `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname`;
const isService = `SELECT to_regclass('relay_cursor') IS NOT NULL AS found`;

/**
 * Reads the positions in every service's database. Everything before them is on the log, since a
 * record is acknowledged before a cursor passes it, and read before an offset passes it.
 */
export function readPositions(postgresUrl: string): Promise<PositionsByDatabase> {
  return eachService(postgresUrl, async (client) => ({
    relays: (await client.query('SELECT name, position FROM relay_cursor')).rows,
    offsets: (
      await client.query(
        'SELECT consumer_group, cluster_id, topic_id, partition, next_offset FROM consumer_offset',
      )
    ).rows,
  }));
}

/**
 * Gives a restored store a new id, so that anything that keeps its positions elsewhere notices the
 * restore.
 */
const newIncarnation = `UPDATE store_incarnation SET id = gen_random_uuid()`;
const freeRelays = `
  UPDATE relay_cursor SET incarnation = (SELECT id FROM store_incarnation), epoch = epoch + 1, lease_until = '-infinity'`;

/** `$1` is `relays` of `LogPositions` as JSON. */
const takeRelaysBack = `
  UPDATE relay_cursor AS cursor SET position = least(cursor.position, coalesce(
    (SELECT kept.position FROM jsonb_to_recordset($1) AS kept (name text, position bigint) WHERE kept.name = cursor.name), 0))`;

/**
 * `$1` is `offsets` of `LogPositions` as JSON. A group that joined later starts from the beginning.
 */
const takeOffsetsBack = `
  UPDATE consumer_offset AS reached SET next_offset = least(reached.next_offset, coalesce(
    (SELECT kept.next_offset
     FROM jsonb_to_recordset($1) AS kept (consumer_group text, cluster_id text, topic_id uuid, partition integer, next_offset bigint)
     WHERE (kept.consumer_group, kept.cluster_id, kept.topic_id, kept.partition)
         = (reached.consumer_group, reached.cluster_id, reached.topic_id, reached.partition)), 0))`;

/**
 * Adapts the databases after a restore. With `positions`, which were read before the log was
 * copied, it makes the databases fit that log, which is older than they are. The outboxes publish
 * again what the log lacks, and the inboxes recognise whatever is read a second time.
 */
export async function takeBack(
  postgresUrl: string,
  positions: PositionsByDatabase | undefined,
): Promise<void> {
  await eachService(postgresUrl, async (client, database) => {
    await client.query('BEGIN');
    await client.query(newIncarnation);
    await client.query(freeRelays);
    if (positions !== undefined) {
      const { relays, offsets } = positions[database] ?? { relays: [], offsets: [] };
      await client.query(takeRelaysBack, [JSON.stringify(relays)]);
      await client.query(takeOffsetsBack, [JSON.stringify(offsets)]);
    }
    await client.query('COMMIT');
  });
}

/**
 * The statement that docs/operations/moving-to-kafka.md gives. That page explains why it neither
 * loses nor repeats anything.
 */
const forget = `
  BEGIN;
  DELETE FROM log_cluster;
  DELETE FROM consumer_offset;
  UPDATE relay_cursor SET position = 0, epoch = epoch + 1, lease_until = '-infinity';
  COMMIT`;

/** Detaches all databases from their log. */
export async function forgetLog(postgresUrl: string): Promise<void> {
  await eachService(postgresUrl, (client) => client.query(forget));
}

async function eachService<Result>(
  postgresUrl: string,
  work: (client: Client, database: string) => Promise<Result>,
) {
  const names = await withClient(
    `${postgresUrl}/postgres`,
    async (client) => (await client.query<{ datname: string }>(databases)).rows,
  );
  const results: Record<string, Result> = {};
  for (const { datname } of names)
    await withClient(`${postgresUrl}/${encodeURIComponent(datname)}`, async (client) => {
      const { rows } = await client.query<{ found: boolean }>(isService);
      if (rows[0]?.found === true) results[datname] = await work(client, datname);
    });
  return results;
}
