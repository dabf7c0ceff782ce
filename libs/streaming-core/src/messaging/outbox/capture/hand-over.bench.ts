import { afterEach, beforeEach } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { relayBench } from '../relay.bench.ts';
import type { OutboxConnector } from './outbox-connector.ts';
import { SlotReader } from './slot-reader.fixture.ts';

export const until = within(60_000);

/** Relays that hand their outbox over to a connector of the test, and back. */
export function handOverBench() {
  const bench = Object.assign(relayBench(), { reader: undefined as unknown as SlotReader });

  beforeEach(async () => {
    bench.reader = new SlotReader(
      () => bench.database,
      () => bench.log,
    );
    await bench.database.sql.query(`UPDATE relay_cursor SET delivery = 'at-least-once'`);
    await dropSlots();
  });
  afterEach(() => bench.reader.stop());

  const limits = { followEveryMs: 20, retryDelayMsMin: 5, pollDelayMsMax: 50, stopTimeoutMs: 30_000 };
  const relayWithConnector = (
    publishes: boolean,
    control: OutboxConnector = bench.reader,
    database = bench.database.sql,
  ) => bench.relay({ database, connector: { control, publishes }, limits });
  /** Publishes by the connector alone, with nothing left to do. */
  const handsOver = async (made: ReturnType<typeof relayWithConnector>) => {
    made.start();
    await until(async () => (await made.status()).follows);
  };
  const isDone = (made: ReturnType<typeof relayWithConnector>) =>
    until(async () => (await made.status()).oldestUnpublishedAgeMs === null);
  const firstOccurrences = () => [...new Set(bench.log.numbers)];

  const slots = async (): Promise<readonly string[]> =>
    (
      await bench.database.pool.query<{ slot_name: string }>(
        `SELECT slot_name FROM pg_replication_slots WHERE database = current_database()`,
      )
    ).rows.map((row) => row.slot_name);

  const publications = async () =>
    (await bench.database.pool.query('SELECT pubname FROM pg_publication')).rows;

  /** Creates a slot as a relay does that has lost its lease. */
  const createSlot = async (): Promise<string> => {
    const { rows } = await bench.database.pool.query<{ slot_name: string }>(
      `SELECT slot_name FROM pg_create_logical_replication_slot('millrace_outbox_' ||
        (SELECT oid FROM pg_database WHERE datname = current_database()) || '_zz', 'pgoutput')`,
    );
    return rows[0]!.slot_name;
  };

  const dropSlots = () =>
    bench.database.pool.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
    );

  return Object.assign(bench, {
    relayWithConnector,
    handsOver,
    isDone,
    firstOccurrences,
    slots,
    publications,
    createSlot,
    dropSlots,
  });
}
