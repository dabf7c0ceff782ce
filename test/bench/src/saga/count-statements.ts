/**
 * Is loaded into every process of the stack (`--import`) while the bench runs. Counts the
 * statements that the process gives to the PostgreSQL driver, and writes the counts to a file
 * whenever it receives SIGUSR2. A statement counts as a round trip if its connection was idle, and
 * not if it was sent along with others.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const folder = process.env.MILLRACE_BENCH_COUNTS;
const counts = { reports: 0, statements: 0, roundTrips: 0 };
const texts = new Map<string, number>();
const textsMax = 2_000;

type Query = (this: object, ...values: unknown[]) => unknown;
const outstanding = new WeakMap<object, number>();
const query = pg.Client.prototype.query as unknown as Query;

pg.Client.prototype.query = function counted(this: object, ...values: unknown[]): unknown {
  counts.statements += 1;
  const waiting = outstanding.get(this) ?? 0;
  if (waiting === 0) counts.roundTrips += 1;
  outstanding.set(this, waiting + 1);
  count(values[0]);
  const result = query.apply(this, values);
  const over = () => outstanding.set(this, (outstanding.get(this) ?? 1) - 1);
  if (result instanceof Promise) result.then(over, over);
  else over();
  return result;
} as unknown as typeof pg.Client.prototype.query;

function count(asked: unknown): void {
  const text =
    typeof asked === 'string' ? asked : String((asked as { text?: unknown } | undefined)?.text ?? '?');
  const short = text.replaceAll(/\s+/g, ' ').trim().slice(0, 100);
  if (texts.has(short) || texts.size < textsMax) texts.set(short, (texts.get(short) ?? 0) + 1);
}

if (folder !== undefined)
  process.on('SIGUSR2', () => {
    counts.reports += 1;
    const file = join(folder, `${process.pid}.json`);
    writeFileSync(`${file}.new`, JSON.stringify({ ...counts, texts: [...texts] }));
    renameSync(`${file}.new`, file);
  });
