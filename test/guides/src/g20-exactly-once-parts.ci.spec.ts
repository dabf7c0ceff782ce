import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startBroker } from '@millrace/streaming-core/broker';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { createRelay } from '@millrace/streaming-core/outbox';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { kcat, readTopic } from '@millrace/testing/kcat';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { sharedStack, until } from '@millrace/test-support/stack';
import { loseAcknowledgement, type Loss } from './lossy-proxy.ts';
import { PaymentRun } from './payment-run.ts';
import type { CommittingTask } from './programs/committing-consumer.ts';
import type { ExactlyOnceTask, Place } from './programs/exactly-once-consumer.ts';
import type { OrderTask } from './programs/order-writer.ts';
import { killPrograms, startProgram } from './programs/start-program.ts';
import { StackLog } from './stack-log.ts';

afterEach(() => killPrograms());

/** Runs a program that kills itself with SIGKILL. */
async function dies(file: string, task: object): Promise<void> {
  const program = startProgram(file, task);
  expect({ end: await program.ended, errors: program.errors() }).toEqual({ end: 'SIGKILL', errors: '' });
}

describe('G20 the idempotent producer', () => {
  /**
   * Starts a broker behind a proxy and sends two messages, one per request. The proxy loses the
   * acknowledgement of the second, so that its sender repeats it. Resolves to the values on the
   * log.
   */
  async function afterALostAcknowledgement(
    loss: Loss,
    send: (bootstrapServers: string, topic: string) => Promise<unknown>,
  ): Promise<readonly string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-guides-'));
    const proxy = await loseAcknowledgement(2, loss);
    const broker = await startBroker({ dataFolder: folder, port: 0, advertisedPort: proxy.port });
    proxy.connectTo(broker.port);
    const bootstrapServers = `127.0.0.1:${proxy.port}`;
    const admin = connectAdmin({
      bootstrapServers: [bootstrapServers],
      clientId: 'guides',
      logger: silentLogger,
    });
    try {
      await admin.createTopics([
        { name: 'orders', partitions: 1, retention: 'unlimited', cleanup: 'delete' },
      ]);
      await send(bootstrapServers, 'orders');
      expect(proxy.produced).toBe(3); // the second request came twice
      return (await readTopic(bootstrapServers, 'orders')).map(({ value }) => value);
    } finally {
      await admin.close();
      await broker.close();
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
  /** Settings that make kcat retry after a second without an answer. */
  const settings = [
    'acks=all',
    'batch.num.messages=1',
    'max.in.flight=1',
    'socket.timeout.ms=1000',
    'socket.max.fails=0',
  ];
  const byKcat = (idempotence: boolean) => (bootstrapServers: string, topic: string) => {
    const options = [...settings, `enable.idempotence=${idempotence}`].flatMap((setting) => ['-X', setting]);
    return kcat(['-b', bootstrapServers, '-P', '-t', topic, '-p', '0', ...options], 'seq=1\nseq=2\n');
  };

  it('prevents duplicate writes on retries', async () => {
    expect(await afterALostAcknowledgement('silence', byKcat(true))).toEqual(['seq=1', 'seq=2']);
  });

  it('prevents duplicate writes of our own client as well', async () => {
    const written = await afterALostAcknowledgement('broken connection', async (bootstrapServers, topic) => {
      const producer = connectProducer({
        bootstrapServers: [bootstrapServers],
        clientId: 'guides',
        logger: silentLogger,
      });
      for (const value of ['seq=1', 'seq=2']) await producer.send([{ topic, key: null, value }]);
      await producer.close();
    });
    expect(written).toEqual(['seq=1', 'seq=2']);
  });

  it('is needed: without it, a retry writes a duplicate', async () => {
    expect(await afterALostAcknowledgement('silence', byKcat(false))).toEqual(['seq=1', 'seq=2', 'seq=2']);
  });
});

describe('G20 the consumer offset in the transaction', () => {
  let run: PaymentRun;
  afterEach(() => run.close());

  /** The data and the group's next offset in PostgreSQL, in one snapshot: a COMMIT may be on its way. */
  const inDatabase = async () => {
    const { rows } = await run.database.pool.query<{ effects: number; offset: number }>(
      `SELECT (SELECT count(*)::integer FROM payment) AS effects,
              coalesce((SELECT next_offset::integer FROM consumer_offset), 0) AS "offset"`,
    );
    return rows[0]!;
  };

  const offsetInKafka = async (): Promise<number> => {
    const admin = connectAdmin({
      bootstrapServers: [run.log.bootstrapServers],
      clientId: 'guides',
      logger: silentLogger,
    });
    const [committed] = await admin.committedOffsets(run.groupId);
    await admin.close();
    return Number(committed?.offset ?? 0);
  };

  it.each<Place>(['offset', 'handled', 'committed'])(
    'keeps data and offset together after a kill at: %s',
    async (place) => {
      run = await PaymentRun.open(1);
      await run.send(150);
      const task: ExactlyOnceTask = { ...run.task, dies: { place, atOffset: 120 } };
      await dies('exactly-once-consumer.ts', task);

      const { effects, offset } = await inDatabase();
      expect(effects).toBe(offset);
    },
  );

  it.each<[CommittingTask['commits'], string]>([
    ['after', 'data without their offset'],
    ['before', 'an offset without its data'],
  ])('is needed: an offset committed %s the data leaves %s', async (commits) => {
    run = await PaymentRun.open(1);
    await run.send(150);
    const task: CommittingTask = { ...run.task, commits, diesAtOffset: 70 };
    await dies('committing-consumer.ts', task);

    const { effects } = await run.counts();
    const offset = await offsetInKafka();
    const expected = commits === 'after' ? { effects: 100, offset: 50 } : { effects: 50, offset: 100 };
    expect({ effects, offset }).toEqual(expected);
  });
});

describe('G20 one transaction for the database and several topics', () => {
  const stack = sharedStack();
  const log = new StackLog(stack);
  const topics = ['orders', 'inventory', 'notifications'].map((name) => `${name}-${randomUUID()}`);
  let database: TestDatabase;
  let relay: ReturnType<typeof createRelay>;

  beforeAll(async () => {
    database = await createTestDatabase(stack.postgresUrl);
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.pool.query('CREATE TABLE placed_order (id text PRIMARY KEY)');
    for (const topic of topics) await log.newTopic(topic, 1);
    relay = createRelay({ database: database.sql, producer: log.producer, holder: randomUUID() });
    relay.start();
  });
  afterAll(async () => {
    await relay?.stop();
    await log.close();
    await database?.drop();
  });

  /**
   * Tells whether the order is in the table and which of the three topics have its event, once the
   * relay has published everything.
   */
  async function traceOf(
    task: Pick<OrderTask, 'way' | 'dies' | 'rollsBack'>,
  ): Promise<{ row: boolean; events: readonly boolean[] }> {
    const order = randomUUID();
    const whole: OrderTask = {
      bootstrapServers: stack.bootstrapServers,
      databaseUrl: database.url,
      topics,
      order,
      ...task,
    };
    if (task.rollsBack === true) expect(await startProgram('order-writer.ts', whole).ended).toBe(0);
    else await dies('order-writer.ts', whole);
    await everythingIsPublished();
    const { rowCount } = await database.pool.query('SELECT FROM placed_order WHERE id = $1', [order]);
    const records = await Promise.all(topics.map((topic) => readTopic(stack.bootstrapServers, topic)));
    return { row: rowCount === 1, events: records.map((all) => all.some(({ key }) => key === order)) };
  }

  const everythingIsPublished = (): Promise<void> =>
    until(
      'the outbox to be published',
      30_000,
      async () => (await relay.status()).oldestUnpublishedAgeMs === null,
    );

  const everywhere = { row: true, events: [true, true, true] };
  const nowhere = { row: false, events: [false, false, false] };

  it.each<readonly [string, Pick<OrderTask, 'dies' | 'rollsBack'>, object]>([
    [
      'after kill -9 between the database commit and the publish: the row and its event on every topic',
      { dies: 'after the commit' },
      everywhere,
    ],
    ['after kill -9 before the database commit: no row and no event', { dies: 'before the commit' }, nowhere],
    [
      'after a database rollback: no row and no event',
      { dies: 'before the commit', rollsBack: true },
      nowhere,
    ],
  ])('leaves, with the transactional outbox, %s', async (_name, task, expected) => {
    expect(await traceOf({ way: 'outbox', ...task })).toEqual(expected);
  });

  it.each<readonly [string, Pick<OrderTask, 'way' | 'dies' | 'rollsBack'>, object]>([
    [
      'a database write without its event',
      { way: 'commit first', dies: 'after the commit' },
      { row: true, events: [false, false, false] },
    ],
    [
      'an event without its database write',
      { way: 'send first', dies: 'before the commit', rollsBack: true },
      { row: false, events: [true, true, true] },
    ],
    [
      'an event on some of the topics only',
      { way: 'commit first', dies: 'between two topics' },
      { row: true, events: [true, false, false] },
    ],
  ])('leaves, without the outbox, %s', async (_name, task, expected) => {
    expect(await traceOf(task)).toEqual(expected);
  });
});
