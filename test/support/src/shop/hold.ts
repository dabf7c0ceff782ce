import { topics } from '@millrace/contracts';
import { Client } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';
import { until } from '../stack/until.ts';
import { query } from './books.ts';

/** Ends a hold; once it has, it does nothing. */
export type LetGo = () => Promise<void>;

type Database = Pick<StackPlaces, 'postgresUrl'>;

const holdLimitMs = 30_000;

/**
 * Keeps a service from taking messages of a topic, by the lock that every effect needs first: the row of the partition's offset. Its HTTP
 * interface goes on. Waits until each partition has its row: a service that has just become ready is still making them.
 */
export async function holdTopic(stack: Database, service: ServiceName, topic: string): Promise<LetGo> {
  const partitions = topics.find(({ name }) => name === topic)?.partitions;
  let rows = 0;
  await until(
    () => `${service} to have offsets of ${topic}: it has ${rows} of ${partitions}`,
    holdLimitMs,
    async () => {
      rows = (
        await query(
          stack,
          service,
          'SELECT 1 FROM consumer_offset WHERE topic = $1 AND consumer_group = $2',
          [topic, service],
        )
      ).length;
      return rows === partitions;
    },
  );
  return hold(
    stack,
    service,
    'SELECT 1 FROM consumer_offset WHERE topic = $1 ORDER BY partition FOR UPDATE',
    [topic],
  );
}

/** Keeps everybody from writing to a table of a service. It can be read. */
export async function holdTable(stack: Database, service: ServiceName, table: string): Promise<LetGo> {
  return hold(stack, service, `LOCK TABLE ${table} IN EXCLUSIVE MODE`);
}

async function hold(
  { postgresUrl }: Database,
  service: ServiceName,
  statement: string,
  values: unknown[] = [],
): Promise<LetGo> {
  const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
  await client.connect();
  await client.query('SET idle_in_transaction_session_timeout = 0; SET transaction_timeout = 0; BEGIN'); // until it is let go, however long
  await client.query(statement, values);
  let ended: Promise<void> | undefined;
  return () => (ended ??= client.end());
}
