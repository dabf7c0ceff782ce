import { topics } from '@millrace/contracts';
import { Client } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';
import { until } from '../stack/until.ts';
import { query } from './stack-books.ts';

/** Ends a hold. Further calls do nothing. */
export type LetGo = () => Promise<void>;

type Database = Pick<StackPlaces, 'postgresUrl'>;

const holdLimitMs = 30_000;

/**
 * Stops a service from handling messages of a topic, by locking the partitions' offset rows, which
 * every effect needs first. Its HTTP interface still works. Waits until each partition has its row,
 * since a service that has just become ready may still be creating them.
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

/** Blocks all writes to a table of a service. Reads still work. */
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
  // The hold has no time limit.
  await client.query('SET idle_in_transaction_session_timeout = 0; SET transaction_timeout = 0; BEGIN');
  await client.query(statement, values);
  let ended: Promise<void> | undefined;
  return () => (ended ??= client.end());
}
