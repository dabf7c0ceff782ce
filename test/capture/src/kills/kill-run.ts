import { setTimeout as sleep } from 'node:timers/promises';
import { connectConsumer } from '@millrace/streaming-core/client';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { freePorts } from '@millrace/testing/kafka';
import { createTestDatabase, startPostgresServer, type PostgresServer } from '@millrace/testing/postgres';
import { seededRandom } from '@millrace/testing/random';
import { until } from '@millrace/testing/within';
import type { Pool } from 'pg';
import { ConnectProcess } from '../connect-process.ts';
import { captureOf } from '../connect-rest.ts';
import { problemsOf, type SeenChange } from './judge.ts';
import { RowWriter } from './row-writer.ts';

export interface KillOutcome {
  readonly seed: number;
  readonly kills: number;
  readonly transactions: number;
  readonly changes: number;
  readonly records: number;
  readonly problems: readonly string[];
}

const readMsMax = 120_000;

/** A database, a broker and a worker that is killed, for the seeds of one run. */
export class KillWorld {
  readonly #broker: TestBroker;
  readonly #server: PostgresServer;
  readonly #port: number;
  #worker: ConnectProcess;

  private constructor(broker: TestBroker, server: PostgresServer, port: number, worker: ConnectProcess) {
    this.#broker = broker;
    this.#server = server;
    this.#port = port;
    this.#worker = worker;
  }

  static async open(): Promise<KillWorld> {
    const broker = await startTestBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } });
    const server = await startPostgresServer();
    const [port = 0] = await freePorts(1);
    return new KillWorld(broker, server, port, await ConnectProcess.start(broker.bootstrapServers, port));
  }

  async close(): Promise<void> {
    await this.#worker.end('SIGKILL');
    await this.#broker.stop();
    await this.#server.stop();
  }

  /** Kills the worker at random moments of the snapshot and of the stream, and judges the topic. */
  async run(seed: number): Promise<KillOutcome> {
    const random = seededRandom(seed);
    const name = `kills${seed}`;
    const database = await createTestDatabase(this.#server.url);
    const writer = new RowWriter(database.pool, random);
    try {
      await database.pool.query(RowWriter.table);
      for (let before = 0; before < 10; before += 1) await writer.write();
      await this.#worker.rest.create(name, captureOf(database, name, 'public.account'));
      const killer = seededRandom(seed + 1_000_000);
      const wanted = 2 + Math.floor(killer() * 2);
      let kills = 0;
      const killed = (async () => {
        while (kills < wanted) {
          await this.#untilRunning(name);
          // The first kill hits the snapshot, and later ones hit the stream.
          if (kills > 0) await untilStreaming(database.pool, name);
          await sleep(killer() * 1_500);
          await this.#worker.end('SIGKILL');
          this.#worker = await ConnectProcess.start(this.#broker.bootstrapServers, this.#port);
          kills += 1;
        }
      })();
      const over = killed.then(
        () => true,
        () => true,
      );
      while (!(await Promise.race([over, sleep(random() * 40, false)]))) await writer.write();
      await killed;
      await untilStreaming(database.pool, name);
      for (let after = 0; after < 10; after += 1) await writer.write();
      await database.pool.query(`INSERT INTO account VALUES (-1, 1)`);
      const seen = await this.#read(name);
      return {
        seed,
        kills,
        transactions: writer.transactions,
        changes: writer.changes,
        records: seen.length,
        problems: problemsOf(seen, writer.versions),
      };
    } finally {
      await this.#worker.rest.remove(name);
      await database.drop().catch(() => undefined); // the worker may still hold the slot
    }
  }

  async #untilRunning(name: string): Promise<void> {
    const tasks = await until(
      () => this.#worker.rest.tasks(name),
      ([task]) => task !== undefined && task.state !== 'UNASSIGNED',
      60_000,
    );
    if (tasks[0]?.state === 'FAILED') throw new Error(tasks[0].trace);
  }

  /** Reads what is committed, up to the row that was written last. */
  async #read(name: string): Promise<readonly SeenChange[]> {
    const seen: SeenChange[] = [];
    const consumer = connectConsumer({
      bootstrapServers: [this.#broker.bootstrapServers],
      clientId: name,
      groupId: name,
      topics: [`${name}.public.account`],
      autoOffsetReset: 'earliest',
      isolation: 'read_committed',
    });
    const limit = setTimeout(() => void consumer.close(), readMsMax);
    try {
      for await (const record of consumer) {
        if (record.value === null) continue;
        const { op, before, after, source } = JSON.parse(record.value.toString()) as {
          op: string;
          before: { id: number; version: number } | null;
          after: { id: number; version: number } | null;
          source: { snapshot: string };
        };
        const row = after ?? before!;
        if (row.id === -1) return seen;
        seen.push({ id: row.id, op, version: row.version, beginsSnapshot: source.snapshot === 'first' });
      }
    } finally {
      clearTimeout(limit);
      await consumer.close();
    }
    const said = await this.#worker.rest.tasks(name);
    throw new Error(`the last row did not come within ${readMsMax} ms: ${JSON.stringify(said)}`);
  }
}

/** Waits until the snapshot is over, so that the last row is a change. */
async function untilStreaming(pool: Pool, slot: string): Promise<void> {
  await until(
    () => pool.query(`SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active`, [slot]),
    ({ rowCount }) => rowCount === 1,
    60_000,
  );
}
