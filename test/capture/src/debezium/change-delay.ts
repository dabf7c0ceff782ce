import { setTimeout as sleep } from 'node:timers/promises';
import { connectLogReader } from '@millrace/streaming-core/client';
import { until } from '@millrace/testing/within';
import { connectionTo, LogEnd } from './log-end.ts';
import { captureConfig, type Side, type TwoSides } from './two-sides.ts';

export interface ChangeDelay {
  readonly side: Side['name'];
  /** Settings that differ from those of the other measurements. */
  readonly tuned: Readonly<Record<string, string>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const prefix = 'delay';
const topic = `${prefix}.public.delay_row`;
const perSecond = 200;
const warmUpSeconds = 3;
const lateMsMax = 60_000;
/** Debezium looks for changes that often, at the latest. Its default is 500 ms. */
const tunedPoll = { 'poll.interval.ms': '5' };

/**
 * How long a committed change takes to a reader of its topic, with 200 transactions of one row a
 * second. The time begins when the statement is sent, so it includes the commit itself.
 */
export async function measureDelays(sides: TwoSides, seconds: number): Promise<readonly ChangeDelay[]> {
  await sides.sql('CREATE TABLE delay_row (id integer PRIMARY KEY, note text NOT NULL)');
  const delays: ChangeDelay[] = [];
  const runs: ReadonlyArray<readonly [Side, Readonly<Record<string, string>>]> = [
    [sides.millrace, {}],
    [sides.debezium, {}],
    [sides.debezium, tunedPoll],
    [sides.millrace, {}],
  ];
  for (const side of [sides.millrace, sides.debezium]) {
    await using end = new LogEnd(side);
    await end.create([topic]);
  }
  for (const [index, [side, tuned]] of runs.entries()) {
    const options = { prefix, tables: 'public[.]delay_row', schemas: false };
    const config = { ...captureConfig(sides.database, side, options), ...tuned };
    await side.rest.configure(prefix, config);
    await side.rest.resume(prefix);
    await side.rest.running(prefix);
    await untilActive(sides, config['slot.name'] ?? '');
    const sorted = (await delaysOf(sides, side, index * 1_000_000, seconds)).toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
    delays.push({ side: side.name, tuned, p50Ms: at(0.5), p99Ms: at(0.99) });
    await side.rest.stop(prefix);
  }
  for (const side of [sides.millrace, sides.debezium]) await side.rest.remove(prefix);
  return delays;
}

async function untilActive({ database }: TwoSides, slot: string): Promise<void> {
  await until(
    () => database.pool.query('SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active', [slot]),
    ({ rowCount }) => rowCount === 1,
    lateMsMax,
  );
}

async function delaysOf(
  { database }: TwoSides,
  side: Side,
  firstId: number,
  seconds: number,
): Promise<readonly number[]> {
  const sentAt = new Map<number, number>();
  const delays: number[] = [];
  const measuredFrom = firstId + warmUpSeconds * perSecond;
  const total = (warmUpSeconds + seconds) * perSecond;
  const stopping = new AbortController();
  await using end = new LogEnd(side);
  await using reader = connectLogReader({ ...connectionTo(side), isolation: 'read_committed' });
  const from = { topic, partition: 0, offset: BigInt(await end.of(topic)) };
  let seen = 0;
  const reading = (async () => {
    for await (const { value } of reader.records([from], { signal: stopping.signal })) {
      const now = performance.now();
      const { id } = (JSON.parse(String(value)) as { after: { id: number } }).after;
      const sent = sentAt.get(id);
      if (sent === undefined) continue; // of the run before
      seen += 1;
      if (id >= measuredFrom) delays.push(now - sent);
    }
  })();
  const begun = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let count = 0; count < total; count += 1) {
    const wait = begun + (count * 1_000) / perSecond - performance.now();
    if (wait > 1) await sleep(wait);
    sentAt.set(firstId + count, performance.now());
    writes.push(database.pool.query(`INSERT INTO delay_row VALUES ($1, 'a note')`, [firstId + count]));
  }
  await Promise.all(writes);
  await until(
    () => seen,
    (count) => count === total,
    lateMsMax,
  );
  stopping.abort();
  await reading;
  return delays;
}
