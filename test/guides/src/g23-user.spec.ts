import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decideAndRecord,
  eventSourcingMigrations,
  isRejected,
  loadState,
  optimisticTransaction,
  postgresEventStore,
} from '@millrace/event-sourcing';
import { migrate } from '@millrace/streaming-core/postgres';
import { connectAdmin, connectProducer, type Admin, type Producer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startTestBroker, testEngine, type TestBroker } from '@millrace/testing/engine';
import { readTopic } from '@millrace/testing/kcat';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { sharedStack, until } from '@millrace/test-support/stack';
import { user, type User, type UserCommand } from './user.ts';

const john = { name: 'John', email: 'john@old.com' };
const key = 'user_123';
const stream = 'user-123';
const limitMs = 60_000;

describe('G23 the user', () => {
  const store = postgresEventStore();
  let database: TestDatabase;
  /** The states after each of the three events. */
  const states: User[] = [];

  const tell = (command: UserCommand) =>
    optimisticTransaction(database.sql, [stream], (transaction) =>
      decideAndRecord(
        {
          transaction,
          recorder: { store },
          metadata: { correlationId: 'guide', causationId: 'request' },
          newId: randomUUID,
          now: new Date(),
        },
        user,
        stream,
        command,
      ),
    );
  const stateAt = (toVersion?: bigint) => loadState(database.sql, store, user, stream, { toVersion });

  beforeAll(async () => {
    database = await createTestDatabase(sharedStack().postgresUrl);
    await migrate(database.sql, [{ library: 'event-sourcing', folder: eventSourcingMigrations }]);
    await tell({ type: 'create', ...john });
    states.push((await stateAt()).state);
    await tell({ type: 'update', email: 'john@new.com' });
    states.push((await stateAt()).state);
    await tell({ type: 'delete' });
    states.push((await stateAt()).state);
  });
  afterAll(() => database.drop());

  it('is John with john@old.com, then with john@new.com, and then not found', () => {
    expect(states).toEqual([
      { status: 'present', name: 'John', email: 'john@old.com' },
      { status: 'present', name: 'John', email: 'john@new.com' },
      { status: 'not found' },
    ]);
  });

  it('keeps user.created, user.updated and user.deleted after the deletion', async () => {
    const { rows } = await database.sql.query(
      'SELECT version::integer, type FROM event WHERE stream = $1 ORDER BY version',
      [stream],
    );
    expect(rows).toEqual([
      { version: 1, type: 'user.created' },
      { version: 2, type: 'user.updated' },
      { version: 3, type: 'user.deleted' },
    ]);
  });

  it('can be replayed to any of its events', async () => {
    const replayed = await Promise.all([1n, 2n, 3n].map(async (version) => (await stateAt(version)).state));
    expect(replayed).toEqual(states);
  });

  it('cannot be changed once it is deleted', async () => {
    const outcome = await tell({ type: 'update', email: 'john@later.com' });
    expect(isRejected(outcome) && outcome.rejected).toBe('unknown_user');
    expect((await stateAt()).version).toBe(3n);
  });
});

/** The shared Apache Kafka cleans every second. For the embedded engine the test starts a broker that does. */
describe('G23 the user on a compacted topic', () => {
  const topic = `users-${randomUUID()}`;
  let broker: TestBroker | undefined;
  let bootstrapServers: string;
  let admin: Admin;
  let producer: Producer;

  beforeAll(async () => {
    const settings = { 'log.cleaner.backoff.ms': '200' };
    broker = testEngine() === 'embedded' ? await startTestBroker({ settings }) : undefined;
    ({ bootstrapServers } = broker ?? sharedStack());
    const connection = { bootstrapServers: [bootstrapServers], clientId: 'users', logger: silentLogger };
    admin = connectAdmin(connection);
    producer = connectProducer(connection);
    const configs = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01', 'segment.ms': '100' };
    await admin.topics.create([
      { name: topic, partitions: 1, configs: { ...configs, 'delete.retention.ms': '0' } },
    ]);
  });
  afterAll(async () => {
    await producer?.close();
    await admin?.deleteTopics([topic]);
    await admin?.close();
    await broker?.stop();
  });

  const put = (value: User | null, of = key) =>
    producer.send([{ topic, key: of, value: value === null ? null : JSON.stringify(value) }]);
  const records = async () => {
    // The newest segment is never cleaned, so each of these records begins another one.
    await put(user.initialState, 'tick');
    return (await readTopic(bootstrapServers, topic)).filter((record) => record.key === key);
  };

  it('has its newest state, and after its deletion, which is a null value, nothing', async () => {
    await put({ status: 'present', ...john });
    await put({ status: 'present', ...john, email: 'john@new.com' });
    await until('the old state to be removed', limitMs, async () => (await records()).length === 1);
    expect((await records()).map(({ value }) => JSON.parse(value) as User)).toEqual([
      { status: 'present', name: 'John', email: 'john@new.com' },
    ]);

    await put(null);
    await until('the user to be removed', limitMs, async () => (await records()).length === 0);
  });
});
