import { Client } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';

/** Ends a hold; once it has, it does nothing. */
export type LetGo = () => Promise<void>;

type Database = Pick<StackPlaces, 'postgresUrl'>;

/**
 * Keeps a service from taking messages of a topic, by the lock that every effect needs first: the row of the partition's offset. Its HTTP
 * interface goes on.
 */
export async function holdTopic(stack: Database, service: ServiceName, topic: string): Promise<LetGo> {
  const { rowCount, letGo } = await hold(stack, service, 'SELECT 1 FROM consumer_offset WHERE topic = $1 ORDER BY partition FOR UPDATE', [
    topic,
  ]);
  if (rowCount > 0) return letGo;
  await letGo();
  throw new Error(`${service} has no offsets of ${topic}: there is nothing to hold`);
}

/** Keeps everybody from writing to a table of a service. It can be read. */
export async function holdTable(stack: Database, service: ServiceName, table: string): Promise<LetGo> {
  return (await hold(stack, service, `LOCK TABLE ${table} IN EXCLUSIVE MODE`)).letGo;
}

async function hold({ postgresUrl }: Database, service: ServiceName, statement: string, values: unknown[] = []) {
  const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
  await client.connect();
  await client.query('SET idle_in_transaction_session_timeout = 0; SET transaction_timeout = 0; BEGIN'); // until it is let go, however long
  const { rowCount } = await client.query(statement, values);
  let ended: Promise<void> | undefined;
  return { rowCount: rowCount ?? 0, letGo: () => (ended ??= client.end()) };
}
