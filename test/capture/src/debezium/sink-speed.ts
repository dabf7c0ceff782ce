import { setTimeout as sleep } from 'node:timers/promises';
import { connectProducer } from '@millrace/streaming-core/client';
import { connectionTo, LogEnd } from './log-end.ts';
import { jsonConverters, type Side, type TwoSides } from './two-sides.ts';

export interface SinkSpeed {
  readonly side: Side['name'];
  readonly round: number;
  readonly rowsPerSecond: number;
}

const topic = 'sink_row';
const sendMax = 5_000;
const writeMsMax = 600_000;

/** How fast the JDBC sink upserts the rows of a topic into a table that it makes itself. */
export async function measureSink(
  sides: TwoSides,
  { rows, rounds }: { readonly rows: number; readonly rounds: number },
): Promise<readonly SinkSpeed[]> {
  const both = [sides.millrace, sides.debezium] as const;
  for (const side of both) await fill(side, rows);
  const measured: SinkSpeed[] = [];
  for (let round = 1; round <= rounds; round += 1)
    for (const side of round % 2 === 1 ? both : both.toReversed()) {
      const name = `sink_${side.name}_${round}`;
      await side.rest.create(name, sinkConfig(sides, name));
      await side.rest.running(name);
      measured.push({ side: side.name, round, rowsPerSecond: await written(sides, name, rows) });
      await side.rest.remove(name);
    }
  return measured;
}

/** Larger batches than Debezium's 500 rows, and its driver joins the rows of a batch. */
function sinkConfig({ database }: TwoSides, table: string): Readonly<Record<string, string>> {
  const { host, username, password } = new URL(database.url);
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    topics: topic,
    'connection.url': `jdbc:postgresql://${host}/${database.name}?reWriteBatchedInserts=true`,
    'connection.username': username,
    'connection.password': password,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'primary.key.fields': 'id',
    'schema.evolution': 'basic',
    'collection.name.format': table,
    'batch.size': '5000',
    ...jsonConverters(true),
  };
}

const structOf = (...fields: ReadonlyArray<readonly [field: string, type: string]>) => ({
  type: 'struct',
  optional: false,
  fields: fields.map(([field, type]) => ({ field, type, optional: false })),
});
const keySchema = structOf(['id', 'int32']);
const valueSchema = structOf(
  ['customer', 'string'],
  ['note', 'string'],
  ['amount', 'double'],
  ['count', 'int32'],
  ['placed_at', 'int64'],
);

async function fill(side: Side, rows: number): Promise<void> {
  await using end = new LogEnd(side);
  await end.create([topic]);
  await using producer = connectProducer(connectionTo(side));
  for (let first = 1; first <= rows; first += sendMax)
    await producer.send(
      Array.from({ length: Math.min(sendMax, rows - first + 1) }, (_, index) => {
        const id = first + index;
        const note = `a note of some length about row ${id}`;
        const payload = {
          customer: `customer ${id % 1_000}`,
          note,
          amount: id * 1.25,
          count: id % 100,
          placed_at: 1_700_000_000_000 + id,
        };
        return {
          topic,
          key: JSON.stringify({ schema: keySchema, payload: { id } }),
          value: JSON.stringify({ schema: valueSchema, payload }),
        };
      }),
    );
}

/** The keys of the topic grow, so the largest in the table says how far the sink is. */
async function written({ database }: TwoSides, table: string, rows: number): Promise<number> {
  const deadline = performance.now() + writeMsMax;
  let first: { readonly at: number; readonly rows: number } | undefined;
  for (;;) {
    const done = await largestKey(database, table);
    const now = performance.now();
    if (first === undefined && done > 0) first = { at: now, rows: done };
    if (first !== undefined && done === rows) return ((rows - first.rows) * 1_000) / (now - first.at);
    if (now > deadline) throw new Error(`${table} has ${done} of ${rows} rows after ${writeMsMax} ms`);
    await sleep(10);
  }
}

async function largestKey({ pool }: TwoSides['database'], table: string): Promise<number> {
  const { rows } = await pool.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [
    table,
  ]);
  if (rows[0]?.exists !== true) return 0;
  const found = await pool.query<{ largest: number | null }>(`SELECT max(id) AS largest FROM ${table}`);
  return found.rows[0]?.largest ?? 0;
}
