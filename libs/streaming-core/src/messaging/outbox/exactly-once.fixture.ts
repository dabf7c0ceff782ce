import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type Admin,
  type GroupConsumer,
  type Producer,
  type Transaction,
  type TransactionalProducer,
} from '../../client/index.ts';
import { readSettled, readToEnd } from '../../client/client.fixture.ts';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../../postgres/index.ts';
import { days, silentLogger } from '../../runtime/index.ts';
import { appendToOutbox } from './append.ts';
import { sample } from './relay.bench.ts';
import { createRelay, type Relay } from './relay.ts';
import type { RelayOptions } from './relay-loop.ts';
import { advanceCursor } from './relay.sql.ts';
import { connectRelayTransactions, type RelayTransactions } from './relay-transactions.ts';

const limits = {
  batchRowsMax: 50,
  leaseMs: 2_000,
  renewEveryMs: 300,
  competeEveryMs: 10,
  pollDelayMsMax: 20,
  retryDelayMsMin: 1,
  retryDelayMsMax: 20,
};

/**
 * A database, topics of its own and relays for each test, on one broker. The relays are stopped
 * after the test.
 */
export function exactlyOnceBench() {
  const bench = {
    broker: undefined as unknown as TestBroker,
    database: undefined as unknown as TestDatabase,
    admin: undefined as unknown as Admin,
    committed: undefined as unknown as GroupConsumer,
    all: undefined as unknown as GroupConsumer,
    topic: '',
    cursorTopic: '',
  };
  let producer: Producer;
  const closes: Array<() => Promise<unknown>> = [];

  const connection = () => ({
    bootstrapServers: [bench.broker.bootstrapServers],
    clientId: 'test',
    logger: silentLogger,
  });

  /** The transactions of a process of its own. `between` runs before each commit. */
  function transactions(between: (transaction: Transaction) => Promise<void> = async () => undefined) {
    const made = connectRelayTransactions({
      ...connection(),
      transactionalId: bench.cursorTopic,
      cursorTopic: bench.cursorTopic,
      deliveryTimeoutMs: 2_000,
      closeTimeoutMs: 200,
      readTimeoutMs: 500,
    });
    closes.push(() => made.close());
    const takeOver: RelayTransactions['takeOver'] = async () => {
      const taken = await made.takeOver();
      const paused = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
        taken.producer.transaction(async (transaction) => {
          const result = await work(transaction);
          await between(transaction);
          return result;
        });
      const { producer } = taken;
      const wrapped: TransactionalProducer = {
        open: () => producer.open(),
        begin: () => producer.begin(),
        close: () => producer.close(),
        transaction: paused,
      };
      return { ...taken, producer: wrapped };
    };
    return { takeOver, recordOf: made.recordOf.bind(made), close: () => made.close() };
  }

  function relay(options: Partial<RelayOptions> = {}): Relay {
    const made = createRelay({
      database: bench.database.sql,
      producer,
      holder: v7(),
      delivery: 'exactly-once',
      transactions: transactions(),
      ...options,
      limits: { ...limits, ...options.limits },
    });
    closes.unshift(() => made.stop());
    made.start();
    return made;
  }

  /** The database, with a relay's cursor that does not move while `stuck()` is true. */
  const withCursor = (stuck: () => boolean): SqlDatabase => ({
    transaction: (work) => bench.database.sql.transaction(work),
    async query(text, values) {
      if (text === advanceCursor && stuck()) throw new Error('connection lost');
      return bench.database.sql.query(text, values);
    },
  });

  const append = (...numbers: number[]) => appendTo(bench.database, ...numbers);
  const appendTo = (database: TestDatabase, ...numbers: number[]) =>
    database.sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        numbers.map((number) => ({ ...sample(number), topic: bench.topic })),
      ),
    );

  const numbersOf = (values: readonly (string | undefined)[]) =>
    values.map((value) => (JSON.parse(value ?? '{}') as { number: number }).number);

  /** The numbers of the rows that a reader with `read_committed` can see now, in order. */
  const visible = async () => numbersOf(await readToEnd(bench.committed, bench.topic));

  /** The same, once no transaction is open in the topic. */
  const onLog = async () => numbersOf(await readSettled(bench.committed, bench.all, bench.topic));

  /** The values of the cursor's topic. */
  const cursors = () => readSettled(bench.committed, bench.all, bench.cursorTopic);

  const reader = (isolation: 'read_committed' | 'read_uncommitted') =>
    connectGroupConsumer({
      ...connection(),
      groupId: 'nobody',
      topics: [],
      isolation,
      fetchMaxWaitMs: 20,
    });

  beforeAll(async () => {
    bench.broker = await startTestBroker({
      settings: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' },
    });
    producer = connectProducer(connection());
    bench.admin = connectAdmin(connection());
    bench.committed = reader('read_committed');
    bench.all = reader('read_uncommitted');
  });
  beforeEach(async () => {
    bench.topic = `notes-${v7()}`;
    bench.cursorTopic = `cursor-${v7()}`;
    await bench.admin.createTopics([
      { name: bench.topic, partitions: 1, retention: days(7), cleanup: 'delete' },
    ]);
    bench.database = await createTestDatabase();
    await migrate(bench.database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterEach(async () => {
    for (const close of closes.splice(0)) await close();
    await bench.database.drop();
  });
  afterAll(async () => {
    await Promise.all([producer, bench.admin, bench.committed, bench.all].map((part) => part.close()));
    await bench.broker.stop();
  });
  return Object.assign(bench, {
    connection,
    transactions,
    relay,
    withCursor,
    append,
    appendTo,
    visible,
    onLog,
    cursors,
  });
}
