import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import type { Delivery } from '@millrace/streaming-core/outbox';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { days, silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { until } from '@millrace/test-support/stack';
import { createTestDatabase, startPostgresServer, type PostgresServer } from '@millrace/testing/postgres';
import { seed, seededRandom } from '@millrace/testing/random';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEngine } from '@millrace/testing/engine';
import { freePorts, startKafka } from '@millrace/testing/kafka';
import { startChild, type Child } from './child.ts';
import { Orders, partitions, topics, type PublishedRow } from './orders.ts';
import type { RelayTask } from './relay.program.ts';

/** A broker in a process of its own, of the engine that the suites run on. */
interface KillableBroker {
  readonly bootstrapServers: string;
  /** Sends SIGKILL, and returns a function that brings the broker back with its data. */
  kill(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

const startKillableBroker = (): Promise<KillableBroker> =>
  testEngine() === 'kafka' ? startKafkaNode() : startEmbedded();

async function startKafkaNode(): Promise<KillableBroker> {
  const { bootstrapServers, control, stop } = await startKafka();
  return {
    bootstrapServers: bootstrapServers.join(),
    async kill() {
      await control.kill();
      return () => control.start();
    },
    stop,
  };
}

async function startEmbedded(): Promise<KillableBroker> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-exactly-once-'));
  const [port] = await freePorts(1);
  const start = () => startChild('broker.program.ts', { dataFolder, port });
  let child = await start();
  return {
    bootstrapServers: `127.0.0.1:${port}`,
    async kill() {
      await child.kill();
      return async () => {
        child = await start();
      };
    },
    async stop() {
      await child.kill();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

const holders = ['order-1', 'order-2'] as const;
type Holder = (typeof holders)[number];

describe(`a foreign reader with read_committed, seed ${seed}`, () => {
  let postgres: PostgresServer;
  let broker: KillableBroker;
  let orders: Orders;
  let databaseUrl: string;
  let drop: () => Promise<void>;
  const relays = new Map<Holder, Child>();

  const startRelay = async (holder: Holder, delivery: Delivery = 'exactly-once') => {
    const { bootstrapServers } = broker;
    const task: RelayTask = { bootstrapServers, databaseUrl, holder, delivery };
    relays.set(holder, await startChild('relay.program.ts', task));
  };

  const relayOf = (holder: Holder): Child => {
    const child = relays.get(holder);
    if (child === undefined) throw new Error(`no relay has been started as ${holder}`);
    return child;
  };

  /** The relay with the lease. */
  async function leader(): Promise<Holder> {
    let found: Holder | undefined;
    await until('a relay to take the lease', 30_000, async () => {
      const holder = await orders.holder();
      found = holders.find((name) => name === holder);
      return found !== undefined;
    });
    return found ?? holders[0];
  }

  /** Resolves once the relays have published some more. */
  async function progress(rows = 40): Promise<void> {
    const goal = (await orders.position()) + rows;
    await until(`the relays to reach ${goal}`, 60_000, async () => (await orders.position()) >= goal);
  }

  /** Reads all topics with kcat, in the order of each partition. */
  async function seen(): Promise<readonly PublishedRow[]> {
    const options = ['-X', 'isolation.level=read_committed'];
    const read = await Promise.all(topics.map((topic) => readTopic(broker.bootstrapServers, topic, options)));
    return read
      .flat()
      .map(({ topic, key, headers }) => ({ topic, key: key ?? '', id: headers.get('ce_id') ?? '' }));
  }

  /** Lets the relays publish the rest, and compares the log with the outbox. */
  async function expectEachRowOnce(): Promise<void> {
    await orders.stop();
    await until('the outbox to be empty', 60_000, async () => (await orders.unpublished()) === 0);
    const written = await orders.committed();
    const read = await seen();
    const inOrder = (rows: readonly PublishedRow[]) =>
      Object.groupBy(
        rows.map((row) => ({ place: `${row.topic} ${row.key}`, id: row.id })),
        ({ place }) => place,
      );
    expect(read.length).toBe(written.length);
    expect(inOrder(read)).toEqual(inOrder(written));
  }

  async function killRelay(): Promise<void> {
    const holder = await leader();
    await relayOf(holder).kill();
    await startRelay(holder);
  }

  async function killDatabase(): Promise<void> {
    const restart = await postgres.kill();
    await restart();
  }

  async function killBroker(): Promise<void> {
    const restart = await broker.kill();
    await restart();
  }

  /** Pauses the relay with the lease until another one has published, and wakes it again. */
  async function pauseRelay(): Promise<void> {
    const holder = await leader();
    relayOf(holder).pause();
    await until('another relay to take the lease', 30_000, async () => (await leader()) !== holder);
    await progress();
    relayOf(holder).wake();
  }

  beforeAll(async () => {
    [postgres, broker] = await Promise.all([startPostgresServer(), startKillableBroker()]);
  }, 120_000);
  beforeEach(async () => {
    const database = await createTestDatabase(postgres.url);
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    databaseUrl = database.url;
    drop = () => database.drop();
    orders = new Orders(databaseUrl, seededRandom(seed));
    const connection = {
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'test',
      logger: silentLogger,
    };
    const admin = connectAdmin(connection);
    await admin.deleteTopics(topics);
    await admin.createTopics(
      topics.map((name) => ({
        name,
        key: 'key',
        partitions,
        retention: days(7),
        cleanup: 'delete' as const,
      })),
    );
    await admin.close();
  });
  afterEach(async () => {
    await orders?.stop();
    await Promise.all([...relays.values()].map((child) => child.kill()));
    relays.clear();
    await orders?.close();
    await drop?.();
  });
  afterAll(async () => {
    await Promise.all([postgres?.stop(), broker?.stop()]);
  });

  it('M50 sees each row once, in order per key, while relays, database and broker are killed and paused', async () => {
    await Promise.all(holders.map((holder) => startRelay(holder)));
    orders.begin();
    for (const strike of [killRelay, pauseRelay, killDatabase, killRelay, killBroker]) {
      await progress();
      await strike();
    }
    await progress();

    await expectEachRowOnce();
  });

  it('M51 sees each row once when a killed relay is succeeded by one with at-least-once delivery', async () => {
    await startRelay('order-1');
    orders.begin();
    await progress();
    await relayOf('order-1').kill();
    await startRelay('order-1', 'at-least-once');
    await progress();

    await expectEachRowOnce();
  });
});
