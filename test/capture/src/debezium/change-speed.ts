import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '@millrace/testing/postgres';
import { LogEnd } from './log-end.ts';
import { captureConfig, type Side, type TwoSides } from './two-sides.ts';

export interface ChangeSpeed {
  readonly side: Side['name'];
  readonly round: number;
  readonly changesPerSecond: number;
}

const prefix = 'speed';
const topics = { rows: `${prefix}.public.speed_row`, end: `${prefix}.public.speed_end` };
const rowsPerTransaction = 1_000;
const drainMsMax = 600_000;

/** Rows of about 100 bytes. */
const speedTables = [
  `CREATE TABLE speed_row (id bigint PRIMARY KEY, customer text NOT NULL, note text NOT NULL, amount numeric(12,2) NOT NULL,
    count integer NOT NULL, placed_at timestamptz NOT NULL)`,
  'CREATE TABLE speed_end (round integer PRIMARY KEY)',
];

/**
 * How fast a connector reads what has piled up in its slot. While both are stopped, the changes of
 * a round are written. Then each side reads them while the other is stopped.
 */
export async function measureChanges(
  sides: TwoSides,
  { changes, rounds }: { readonly changes: number; readonly rounds: number },
): Promise<readonly ChangeSpeed[]> {
  const both = [sides.millrace, sides.debezium] as const;
  await sides.sql(...speedTables);
  await using parts = new AsyncDisposableStack();
  const ends = new Map<Side, LogEnd>();
  for (const side of both) {
    const end = parts.use(new LogEnd(side));
    await end.create(Object.values(topics));
    ends.set(side, end);
    await side.rest.create(
      prefix,
      captureConfig(sides.database, side, { prefix, tables: 'public[.]speed_.*', schemas: false }),
    );
  }
  for (const side of both) await side.rest.running(prefix);
  // A round that is not counted warms both sides up, and shows that both follow the stream.
  const measured: ChangeSpeed[] = [];
  await writeRound(sides.database, 0, rowsPerTransaction);
  for (const side of both) await untilGrown(ends.get(side)!, topics.end, 0);
  for (let round = 1; round <= rounds; round += 1) {
    for (const side of both) await side.rest.stop(prefix);
    await writeRound(sides.database, round, changes);
    for (const side of round % 2 === 1 ? both : both.toReversed()) {
      const changesPerSecond = await drain(side, ends.get(side)!, changes);
      measured.push({ side: side.name, round, changesPerSecond });
      await side.rest.stop(prefix);
    }
    for (const side of both) await side.rest.resume(prefix);
    for (const side of both) await side.rest.running(prefix);
  }
  for (const side of both) await side.rest.remove(prefix);
  return measured;
}

/** Two thirds are inserts, and one third updates. A row of another table marks the end. */
async function writeRound({ pool }: TestDatabase, round: number, changes: number): Promise<void> {
  const inserts = Math.ceil((changes * 2) / 3);
  const first = round * 10_000_000;
  for (let done = 0; done < inserts; done += rowsPerTransaction)
    await pool.query(
      `INSERT INTO speed_row SELECT ${first} + n, 'customer ' || n % 1000, md5(n::text), n * 1.25, n % 100, now()
        FROM generate_series(${done}, ${Math.min(done + rowsPerTransaction, inserts) - 1}) AS n`,
    );
  for (let done = 0; done < changes - inserts; done += rowsPerTransaction)
    await pool.query(
      `UPDATE speed_row SET count = count + 1
        WHERE id BETWEEN ${first + done} AND ${first + Math.min(done + rowsPerTransaction, changes - inserts) - 1}`,
    );
  await pool.query(`INSERT INTO speed_end VALUES (${round})`);
}

/** From the first records that the topic gets to the last, without those that came first. */
async function drain(side: Side, end: LogEnd, changes: number): Promise<number> {
  const rows = await end.of(topics.rows);
  const rounds = await end.of(topics.end);
  await side.rest.resume(prefix);
  const already = (await untilGrown(end, topics.rows, rows)) - rows;
  const begun = performance.now();
  await untilGrown(end, topics.end, rounds);
  return ((changes - already) * 1_000) / (performance.now() - begun);
}

async function untilGrown(end: LogEnd, topic: string, from: number): Promise<number> {
  const deadline = performance.now() + drainMsMax;
  for (;;) {
    const now = await end.of(topic);
    if (now > from) return now;
    if (performance.now() > deadline) throw new Error(`${topic} has stayed at ${now} for ${drainMsMax} ms`);
    await sleep(5);
  }
}
