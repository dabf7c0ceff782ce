import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames, type StackPlaces } from '@millrace/test-support/stack';
import { Client } from 'pg';

/**
 * The bytes under one name: a table, in all services together, or a topic with all its partitions.
 */
export interface Stored {
  readonly bytes: number;
  readonly indexBytes: number;
}

export type StoredByName = ReadonlyMap<string, Stored>;

/** The unit of `blocks`, which does not depend on the file system. Source: stat(2). */
const blockBytes = 512;

/** The days of a partitioned table count as their parent. */
const tableSizes = `
  SELECT COALESCE(parent.relname, child.relname) AS name,
         sum(pg_table_size(child.oid))::float8 AS bytes, sum(pg_indexes_size(child.oid))::float8 AS index_bytes
  FROM pg_class AS child
  LEFT JOIN pg_inherits ON pg_inherits.inhrelid = child.oid
  LEFT JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent
  WHERE child.relkind = 'r' AND child.relnamespace = 'public'::regnamespace
  GROUP BY 1`;

export async function tablesOf({ postgresUrl }: StackPlaces): Promise<StoredByName> {
  const tables = new Map<string, Stored>();
  for (const service of serviceNames) {
    const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
    await client.connect();
    try {
      await client.query('VACUUM');
      const { rows } = await client.query<{ name: string; bytes: number; index_bytes: number }>(tableSizes);
      for (const { name, bytes, index_bytes: indexBytes } of rows) add(tables, name, { bytes, indexBytes });
    } finally {
      await client.end();
    }
  }
  return tables;
}

/** Counts logs, and the blocks of their indexes. */
export function topicsOf({ dataFolder }: StackPlaces): StoredByName {
  const topics = new Map<string, Stored>();
  const folder = join(dataFolder, 'broker');
  for (const partition of readdirSync(folder, { withFileTypes: true })) {
    const topic = /^(.+)-\d+$/.exec(partition.name)?.[1];
    if (!partition.isDirectory() || topic === undefined || isInternal(topic)) continue;
    for (const file of readdirSync(join(folder, partition.name))) {
      const { size, blocks } = statSync(join(folder, partition.name, file));
      const isLog = file.endsWith('.log');
      add(topics, topic, { bytes: isLog ? size : 0, indexBytes: isLog ? 0 : blocks * blockBytes });
    }
  }
  return topics;
}

/** The broker's own topics are compacted: they keep the last record of each key. */
const isInternal = (topic: string): boolean => topic.startsWith('__');

function add(sums: Map<string, Stored>, name: string, { bytes, indexBytes }: Stored): void {
  const sum = sums.get(name) ?? { bytes: 0, indexBytes: 0 };
  sums.set(name, { bytes: sum.bytes + bytes, indexBytes: sum.indexBytes + indexBytes });
}

/** The growth between the two, per order. */
export const perOrder = (before: StoredByName, after: StoredByName, orders: number): StoredByName =>
  new Map(
    [...after].map(([name, { bytes, indexBytes }]) => {
      const was = before.get(name) ?? { bytes: 0, indexBytes: 0 };
      return [
        name,
        { bytes: (bytes - was.bytes) / orders, indexBytes: (indexBytes - was.indexBytes) / orders },
      ];
    }),
  );
