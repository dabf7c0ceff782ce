import { Client } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';

/**
 * Keeps a service from taking messages of a topic, by the lock that every effect needs first: the row of the partition's offset. Its HTTP
 * interface and its other topics go on. Resolves to the way to let it go on.
 */
export async function holdTopic(
  { postgresUrl }: Pick<StackPlaces, 'postgresUrl'>,
  service: ServiceName,
  topic: string,
): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
  await client.connect();
  await client.query('BEGIN');
  const { rowCount } = await client.query('SELECT 1 FROM consumer_offset WHERE topic = $1 ORDER BY partition FOR UPDATE', [topic]);
  if (rowCount === 0) throw new Error(`${service} has no offsets of ${topic}: there is nothing to hold`);
  return async () => {
    await client.query('ROLLBACK');
    await client.end();
  };
}
