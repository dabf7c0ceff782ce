import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { z } from 'zod';
import { days, topic, type Message } from '../contract/index.ts';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../postgres/index.ts';
import { TerminalError } from './consumer-error.ts';
import { MemoryGroupConsumer, MemoryLog } from './memory-log.features.ts';
import { createConsumerRuntime, type ConsumerRuntimeOptions, type MonitoredConsumerRuntime } from './runtime.ts';
import type { MessageContext, MessageHandler, OwnedPartition } from './types.ts';

const declaration = { key: 'key', partitions: 1, retention: days(7) };
const notes = topic('notes', declaration, { Noted: z.strictObject({ key: z.string(), number: z.number() }) });
const other = topic('other', declaration, { Noted: z.strictObject({ key: z.string(), number: z.number() }) });

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error('not within 10 s');
    await wait(2);
  }
}

const sqlError = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });

/** A point that a handler waits at until the test opens it. */
function gate() {
  let open = () => {};
  let arrive = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  return { arrived, open, pass: () => (arrive(), opened) };
}

describe('the consumer runtime', () => {
  let database: TestDatabase;
  let log: MemoryLog;
  let group: string;
  const runtimes: MonitoredConsumerRuntime[] = [];

  type Work = (number: number, context: MessageContext) => Promise<void>;

  /** Writes the number of each message, after what the test wants to happen first. */
  function handler(before: Work = async () => undefined, message = notes.Noted, locks?: MessageHandler['locks']): MessageHandler {
    return {
      message: message as unknown as MessageHandler['message'],
      locks,
      async handle(received: Message, context) {
        const number = Number(received.number);
        await before(number, context);
        await context.transaction.query('INSERT INTO effect (grp, number) VALUES ($1, $2)', [group, number]);
      },
    };
  }

  function runtime(consumer: MemoryGroupConsumer, options: Partial<ConsumerRuntimeOptions> = {}): MonitoredConsumerRuntime {
    const limits = {
      retryDelayMsMin: 1,
      retryDelayMsMax: 5,
      commitDelayMs: 5,
      refusedRetryMs: 10,
      drainTimeoutMs: 2_000,
      ...options.limits,
    };
    const made = createConsumerRuntime({ group, consumer, database: database.sql, handlers: [handler()], ...options, limits });
    runtimes.push(made);
    return made;
  }

  const member = (partitions = [{ topic: 'notes', partition: 0 }]) => new MemoryGroupConsumer(log, partitions);
  const note = (number: number, fields = {}, partition = 0) => log.append('notes', { type: 'Noted', key: 'k', number }, fields, partition);
  const effects = async () =>
    (await database.sql.query<{ number: number }>('SELECT number FROM effect WHERE grp = $1 ORDER BY id', [group])).rows.map(
      ({ number }) => number,
    );
  const offset = async (topicName = 'notes', partition = 0) =>
    (
      await database.sql.query<{ next_offset: string }>(
        'SELECT next_offset FROM consumer_offset WHERE consumer_group = $1 AND topic = $2 AND partition = $3',
        [group, topicName, partition],
      )
    ).rows[0]?.next_offset;
  const deadLetters = async () =>
    (
      await database.sql.query<{ topic: string; key: string; payload: string; headers: Record<string, string> }>(
        "SELECT topic, key, payload, headers FROM outbox WHERE headers ->> 'dlq_group' = $1 ORDER BY position",
        [group],
      )
    ).rows;
  const inboxed = async (id: string) =>
    (await database.sql.query('SELECT 1 FROM inbox WHERE consumer_group = $1 AND id = $2', [group, id])).rowCount;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query('CREATE TABLE effect (id serial, grp text, number int)');
  });
  beforeEach(() => {
    group = `group-${v7()}`;
    log = new MemoryLog();
    log.create('notes', 2);
    log.create('other');
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((made) => made.stop()));
  });
  afterAll(() => database.drop());

  describe('handling', () => {
    it('handles every message in order, from the earliest on, and moves the offset with the effects', async () => {
      for (let number = 0; number < 250; number += 1) note(number);
      const consumer = member();
      await runtime(consumer).start();
      await until(async () => (await offset()) === '250');

      expect(await effects()).toEqual(Array.from({ length: 250 }, (_, number) => number));
      await until(() => consumer.commits.some((commit) => commit.offset === 250n));
    });

    it('takes up to 100 messages into one transaction, whose first statement is the epoch-checked offset', async () => {
      const transactions: string[][] = [];
      const recording: SqlDatabase = {
        query: (text, values) => database.sql.query(text, values),
        transaction: (work) =>
          database.sql.transaction((transaction) => {
            const statements: string[] = [];
            transactions.push(statements);
            return work({ query: (text, values) => (statements.push(text), transaction.query(text, values)) });
          }),
      };
      for (let number = 0; number < 100; number += 1) note(number);
      await runtime(member(), { database: recording, limits: { batchMsMax: 60_000 } }).start();
      await until(async () => (await offset()) === '100');

      const [, batch, ...more] = transactions; // the first took the offset
      expect(more).toEqual([]);
      expect(batch?.[0]).toContain('UPDATE consumer_offset');
      expect(batch?.[0]).toContain('assignment_epoch = $5');
      expect(batch?.[1]).toContain('INSERT INTO inbox');
      expect(batch).toHaveLength(102);
    });

    it('has one effect for a message that the relay published twice, in one batch or in two', async () => {
      const id = v7();
      note(1, { id });
      note(1, { id });
      note(2);
      await runtime(member()).start();
      await until(async () => (await offset()) === '3');
      note(1, { id });
      note(3);
      await until(async () => (await offset()) === '5');

      expect(await effects()).toEqual([1, 2, 3]);
    });

    it('locks the streams of a whole batch once, sorted by bytes, before its first handler, and none for a copy', async () => {
      const id = v7();
      note(3, { id });
      note(1);
      note(2);
      note(3, { id });
      const calls: string[] = [];
      const locks: MessageHandler['locks'] = (message) => [`stream-${String(message.number)}`, 'Stream'];
      await runtime(member(), {
        handlers: [handler(async (number) => void calls.push(`handle ${number}`), notes.Noted, locks)],
        lockStreams: async (_, streams) => void calls.push(streams.join(' ')),
      }).start();
      await until(async () => (await offset()) === '4');

      expect(calls).toEqual(['Stream stream-1 stream-2 stream-3', 'handle 3', 'handle 1', 'handle 2']);
    });

    it('tells the handler whose story the message belongs to', async () => {
      const id = note(7);
      let seen: MessageContext | undefined;
      await runtime(member(), { handlers: [handler(async (_, context) => void (seen = context))] }).start();
      await until(() => seen !== undefined);

      expect(seen).toMatchObject({ id, topic: 'notes', partition: 0, offset: 0n, key: 'k', correlationId: 'story', causationId: 'cause' });
    });

    it('does not let a partition that is held up hold up another', async () => {
      const held = gate();
      note(1, {}, 0);
      note(2, {}, 1);
      const partitions = [0, 1].map((partition) => ({ topic: 'notes', partition }));
      await runtime(member(partitions), { handlers: [handler(async (number) => (number === 1 ? held.pass() : undefined))] }).start();
      await until(async () => (await offset('notes', 1)) === '1');

      expect(await effects()).toEqual([2]);
      held.open();
      await until(async () => (await effects()).length === 2);
    });

    it('refuses two handlers for one message, and none at all', () => {
      expect(() => runtime(member(), { handlers: [handler(), handler()] })).toThrow('two handlers');
      expect(() => runtime(member(), { handlers: [] })).toThrow('without handlers');
    });
  });

  describe('messages that cannot be handled', () => {
    it('skips an event that nobody handles, and makes an unknown command a dead letter', async () => {
      log.append('notes', { type: 'Unknown', key: 'k' });
      log.append('other', { type: 'Unknown', key: 'k' });
      note(1);
      const partitions = ['notes', 'other'].map((name) => ({ topic: name, partition: 0 }));
      await runtime(member(partitions), { handlers: [handler(), handler(undefined, other.Noted)], commandTopics: ['other'] }).start();
      await until(async () => (await offset()) === '2' && (await offset('other')) === '1');

      expect(await deadLetters()).toMatchObject([
        { topic: 'other.dlq', headers: { dlq_reason: 'malformed: nobody handles the command Unknown' } },
      ]);
      expect(await effects()).toEqual([1]);
    });

    it('sends what is no message to the dead letters at once, and the rest goes on', async () => {
      note(1, { value: 'no JSON' });
      note(2, { omitHeaders: ['ce_id'] });
      note(3, { id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' });
      note(4, { value: '{"type":"Noted","key":"k","number":"four"}' });
      note(5, { value: null });
      note(6);
      await runtime(member()).start();
      await until(async () => (await offset()) === '6');

      expect((await deadLetters()).map(({ headers }) => headers.dlq_reason)).toEqual([
        'malformed: its value is not JSON',
        'malformed: its header ce_id is missing or empty',
        'malformed: ce_id "f47ac10b-58cc-4372-a567-0e02b2c3d479" is no UUIDv7',
        expect.stringContaining('malformed: number: '),
        'malformed: it has no value',
      ]);
      expect(await effects()).toEqual([6]);
    });

    it('gives a message that fails by itself its attempts, then makes it a dead letter; its batch has its effects once', async () => {
      const ids = [1, 2, 3, 4].map((number) => note(number));
      let attempts = 0;
      const failing = handler(async (number) => {
        if (number !== 3) return;
        attempts += 1;
        throw new Error('three is odd');
      });
      await runtime(member(), { handlers: [failing] }).start();
      await until(async () => (await offset()) === '4');

      expect(await effects()).toEqual([1, 2, 4]);
      expect(attempts).toBe(6); // once in the batch, five times alone
      expect(await deadLetters()).toEqual([
        {
          topic: 'notes.dlq',
          key: 'k',
          payload: '{"type":"Noted","key":"k","number":3}',
          headers: expect.objectContaining({
            ce_id: ids[2],
            ce_type: 'Noted',
            dlq_reason: 'Error: three is odd',
            dlq_stack: expect.stringContaining('runtime.int.spec'),
            dlq_attempts: '5',
            dlq_topic: 'notes',
            dlq_partition: '0',
            dlq_offset: '2',
            dlq_group: group,
            dlq_time: expect.stringMatching(/^\d{4}-.*Z$/),
          }),
        },
      ]);
      expect(await inboxed(ids[2] ?? '')).toBe(0);
      expect(await inboxed(ids[3] ?? '')).toBe(1);
    });

    it('makes a TerminalError a dead letter without another attempt alone', async () => {
      note(1);
      await runtime(member(), {
        handlers: [
          handler(async () => {
            throw new TerminalError('never');
          }),
        ],
      }).start();
      await until(async () => (await offset()) === '1');

      expect(await deadLetters()).toMatchObject([{ headers: { dlq_reason: 'terminal: never', dlq_attempts: '1' } }]);
    });

    it('keeps nothing of a failed attempt, and has one effect when a later one succeeds', async () => {
      note(1);
      let attempts = 0;
      const failing: MessageHandler = {
        ...handler(),
        async handle(message, context) {
          await handler().handle(message, context);
          attempts += 1;
          if (attempts < 4) throw new Error('not yet');
        },
      };
      await runtime(member(), { handlers: [failing] }).start();
      await until(async () => (await offset()) === '1');

      expect(await effects()).toEqual([1]);
      expect(await deadLetters()).toEqual([]);
    });

    it('finds out a handler that swallows the error of a statement', async () => {
      note(1);
      const swallowing = handler(async (_, { transaction }) => void (await transaction.query('SELECT 1/0').catch(() => undefined)));
      const quiet: MessageHandler = {
        ...swallowing,
        handle: (message, context) => swallowing.handle(message, context).catch(() => undefined),
      };
      await runtime(member(), { handlers: [quiet] }).start();
      await until(async () => (await offset()) === '1');

      expect(await deadLetters()).toMatchObject([{ headers: { dlq_reason: expect.stringContaining('swallowed') } }]);
    });
  });

  describe("failures that are no message's fault", () => {
    it.each(['40001', '40P01', '57P01', '08006', '53300', '25P04'])('retries SQLSTATE %s beyond every bound on attempts', async (code) => {
      note(1);
      let failures = 12;
      const failing = handler(async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('wrapped', { cause: sqlError(code) });
      });
      await runtime(member(), { handlers: [failing] }).start();
      await until(async () => (await offset()) === '1');

      expect(await effects()).toEqual([1]);
      expect(await deadLetters()).toEqual([]);
    });

    it('survives the loss of its connection in the middle of a batch', async () => {
      for (let number = 0; number < 10; number += 1) note(number);
      let killed = false;
      const fragile = handler(async (number, { transaction }) => {
        if (number !== 5 || killed) return;
        killed = true;
        const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await database.sql.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      });
      await runtime(member(), { handlers: [fragile] }).start();
      await until(async () => (await offset()) === '10');

      expect(await effects()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(await deadLetters()).toEqual([]);
    });

    it('asks the database whether a COMMIT happened whose answer was lost', async () => {
      note(1);
      note(2, { value: 'no JSON' });
      let losses = 0;
      const losing: SqlDatabase = {
        query: (text, values) => database.sql.query(text, values),
        async transaction(work) {
          const result = await database.sql.transaction(work);
          losses += 1;
          if (losses === 2) throw sqlError('ECONNRESET'); // the first transaction took the offset
          return result;
        },
      };
      const consumer = member();
      await runtime(consumer, { database: losing }).start();
      await until(async () => (await offset()) === '2');
      note(3);
      await until(async () => (await offset()) === '3');

      expect(await effects()).toEqual([1, 3]);
      expect(await deadLetters()).toHaveLength(1);
      expect(consumer.rejoins).toBe(0);
    });
  });

  describe('fencing', () => {
    it('lets a successor read the offset only after the open batch of its predecessor has ended', async () => {
      const held = gate();
      note(1);
      note(2);
      await runtime(member(), { handlers: [handler(async (number) => (number === 2 ? held.pass() : undefined))] }).start();
      await held.arrived;
      const successor = runtime(member());
      await successor.start();
      await waitForLock(database);
      expect(successor.status()[0]?.state).toBe('opening');

      held.open();
      await until(() => successor.status()[0]?.state === 'open');
      expect(successor.status()[0]?.nextOffset).toBe(2n);
      note(3);
      await until(async () => (await offset()) === '3');
      expect(await effects()).toEqual([1, 2, 3]);
    });

    it('drops the batch of a predecessor that comes late; he leaves the group and joins again', async () => {
      const held = gate();
      const late: SqlDatabase = {
        query: (text, values) => database.sql.query(text, values),
        async transaction(work) {
          if (armed) await held.pass();
          return database.sql.transaction(work);
        },
      };
      let armed = false;
      const zombieConsumer = member();
      const zombie = runtime(zombieConsumer, { database: late });
      await zombie.start();
      await until(() => zombie.status()[0]?.state === 'open');
      armed = true;
      note(1);
      await held.arrived;
      zombieConsumer.assign = async () => undefined; // the group has given the partition to the successor
      await runtime(member()).start();
      await until(async () => (await offset()) === '1');
      armed = false;
      held.open();
      await until(() => zombieConsumer.rejoins === 1);
      note(2);
      await until(async () => (await offset()) === '2');

      expect(await effects()).toEqual([1, 2]);
    });

    it('fences a predecessor although his successor has not moved the offset yet', async () => {
      const held = gate();
      let armed = false;
      const late: SqlDatabase = {
        query: (text, values) => database.sql.query(text, values),
        async transaction(work) {
          if (armed) await held.pass();
          return database.sql.transaction(work);
        },
      };
      const zombieConsumer = member();
      const zombie = runtime(zombieConsumer, { database: late });
      await zombie.start();
      await until(() => zombie.status()[0]?.state === 'open');
      armed = true;
      note(1);
      await held.arrived;
      zombieConsumer.assign = async () => undefined;
      let away = true;
      const successorConsumer = member();
      successorConsumer.beforeFetch = () => {
        if (away) throw new Error('the broker is away for the successor');
      };
      const successor = runtime(successorConsumer);
      await successor.start();
      await until(() => successor.status()[0]?.state === 'open');
      held.open();
      await until(() => zombieConsumer.rejoins === 1);
      expect(await effects()).toEqual([]);
      expect(await offset()).toBe('0');

      away = false;
      await until(async () => (await offset()) === '1');
      expect(await effects()).toEqual([1]);
    });

    it('ends the batch in flight before it lets the group revoke, and starts none afterwards', async () => {
      const held = gate();
      for (let number = 1; number <= 3; number += 1) note(number);
      const consumer = member();
      const made = runtime(consumer, { handlers: [handler(() => held.pass())], limits: { batchMessagesMax: 1 } });
      await made.start();
      await held.arrived;
      let revoked = false;
      const revoking = consumer.revoke().then(() => (revoked = true));
      await wait(20);
      expect(revoked).toBe(false);
      held.open();
      await revoking;

      expect(await effects()).toEqual([1]);
      await wait(30);
      expect(await offset()).toBe('1');
      await consumer.assign();
      await until(async () => (await offset()) === '3');
      expect(await effects()).toEqual([1, 2, 3]);
    });

    it('finishes what is in flight when it is stopped, leaves, and can be stopped twice', async () => {
      const held = gate();
      note(1);
      const consumer = member();
      const made = runtime(consumer, { handlers: [handler(() => held.pass())] });
      await made.start();
      await held.arrived;
      const stopping = Promise.all([made.stop(), made.stop()]);
      held.open();
      await stopping;

      expect(await effects()).toEqual([1]);
      expect(consumer.closed).toBe(true);
    });
  });

  describe('offsets that do not fit the log', () => {
    async function handleOne(): Promise<void> {
      note(1);
      const first = runtime(member());
      await first.start();
      await until(async () => (await offset()) === '1');
      await first.stop();
    }

    it('refuses the offset of a topic that was made anew, names the remedy, and goes on once it was applied', async () => {
      await handleOne();
      log.recreate('notes');
      note(2);
      const made = runtime(member());
      await made.start();
      await until(() => made.status()[0]?.state === 'refused');
      const failure = made.status()[0]?.failure;
      expect(failure).toMatchObject({ code: 'offset_refused', message: expect.stringContaining('made anew') });
      expect(await effects()).toEqual([1]);

      await database.sql.query(/DELETE .*/.exec(failure?.message ?? '')?.[0] ?? '');
      await until(async () => (await effects()).length === 2);
      expect(made.status()[0]).toMatchObject({ state: 'open', failure: undefined });
    });

    it('refuses the offset of another cluster', async () => {
      await handleOne();
      log.clusterId = 'cluster-2';
      const made = runtime(member());
      await made.start();
      await until(() => made.status()[0]?.state === 'refused');

      expect(made.status()[0]?.failure?.message).toContain('another cluster');
    });

    it('refuses an offset beyond the end of the log, or before what it still holds, and never resets it', async () => {
      await handleOne();
      await database.sql.query('UPDATE consumer_offset SET next_offset = 9 WHERE consumer_group = $1', [group]);
      const beyond = runtime(member());
      await beyond.start();
      await until(() => beyond.status()[0]?.state === 'refused');
      expect(beyond.status()[0]?.failure?.message).toContain('beyond the end');
      expect(await offset()).toBe('9');
      await beyond.stop();

      await database.sql.query('UPDATE consumer_offset SET next_offset = 0 WHERE consumer_group = $1', [group]);
      log.topic('notes').beginning = 1n;
      const before = runtime(member());
      await before.start();
      await until(() => before.status()[0]?.state === 'refused');
      expect(before.status()[0]?.failure?.message).toContain('deleted unread');
      await database.sql.query(/UPDATE .*/.exec(before.status()[0]?.failure?.message ?? '')?.[0] ?? '');
      await until(() => before.status()[0]?.state === 'open');
    });

    it('notices that a topic was made anew while it reads', async () => {
      note(1);
      const consumer = member();
      const made = runtime(consumer);
      await made.start();
      await until(async () => (await offset()) === '1');
      log.recreate('notes');
      let failing = true;
      consumer.fetchError = () => (failing ? new Error('UNKNOWN_TOPIC_ID') : undefined);
      await until(() => made.status()[0]?.state === 'refused');
      failing = false;

      expect(consumer.rejoins).toBe(1);
      expect(made.status()[0]?.failure?.message).toContain('made anew');
    });

    it('begins at the earliest record that the log still holds when the group is new', async () => {
      for (let number = 1; number <= 3; number += 1) note(number);
      log.topic('notes').beginning = 2n;
      await runtime(member()).start();
      await until(async () => (await offset()) === '3');

      expect(await effects()).toEqual([3]);
    });
  });

  describe('ownership', () => {
    function listen(made: MonitoredConsumerRuntime) {
      const calls: string[] = [];
      const owned: OwnedPartition[] = [];
      made.addOwnershipListener({
        onDisrupted: async ({ topic: name, partition }) => void calls.push(`disrupted ${name}-${partition}`),
        onOwned: (partition) => {
          calls.push(`owned ${partition.topic}-${partition.partition}`);
          owned.push(partition);
        },
        onLost: async ({ topic: name, partition }) => void calls.push(`lost ${name}-${partition}`),
      });
      return { calls, owned };
    }

    it('tells of the disruption, then of the ownership, then of the loss', async () => {
      const consumer = member();
      const made = runtime(consumer);
      const { calls } = listen(made);
      await made.start();
      await until(() => calls.length === 2);
      await consumer.revoke();

      expect(calls).toEqual(['disrupted notes-0', 'owned notes-0', 'lost notes-0']);
    });

    it('tells a listener again whose answer to a disruption failed', async () => {
      const made = runtime(member());
      let failures = 3;
      let owned = false;
      made.addOwnershipListener({
        async onDisrupted() {
          failures -= 1;
          if (failures >= 0) throw new Error('the database is away');
        },
        onOwned: () => void (owned = true),
      });
      await made.start();
      await until(() => owned);

      expect(failures).toBe(-1);
    });

    it('is disrupted by a fetch that failed, and has not caught up until the listeners have been told', async () => {
      const consumer = member();
      const made = runtime(consumer);
      const { calls, owned } = listen(made);
      await made.start();
      await until(() => owned.length === 1);
      expect(await owned[0]?.caughtUp(['notes'])).toBe(true);
      let away = true;
      let fetches = 0;
      consumer.beforeFetch = () => {
        fetches += 1;
        if (away) throw new Error('the broker is away');
      };
      await until(() => fetches > 1);
      expect(await owned[0]?.caughtUp(['notes'])).toBe(false);
      away = false;
      await until(() => calls.filter((call) => call.startsWith('disrupted')).length === 2);
      await until(async () => (await owned[0]?.caughtUp(['notes'])) === true);

      expect(calls.filter((call) => call.startsWith('owned'))).toHaveLength(1);
    });

    it('has caught up only when the offsets in PostgreSQL have reached the ends of every topic', async () => {
      const held = gate();
      const partitions = ['notes', 'other'].map((name) => ({ topic: name, partition: 0 }));
      const slow = handler(() => held.pass(), other.Noted);
      const made = runtime(member(partitions), { handlers: [handler(), slow] });
      const { owned } = listen(made);
      await made.start();
      await until(() => owned.length === 2);
      const own = owned.find((partition) => partition.topic === 'notes');
      expect(await own?.caughtUp(['notes', 'other'])).toBe(true);
      log.append('other', { type: 'Noted', key: 'k', number: 1 });
      await held.arrived;

      expect(await own?.caughtUp(['notes', 'other'])).toBe(false);
      expect(await own?.caughtUp(['notes'])).toBe(true);
      held.open();
      await until(async () => (await own?.caughtUp(['notes', 'other'])) === true);
      expect(await effects()).toEqual([1]);
    });

    it('commits a transaction of the owner, and rejects one after the epoch has moved on, or after the loss', async () => {
      const consumer = member();
      consumer.rejoin = async () => undefined;
      const made = runtime(consumer);
      const { owned } = listen(made);
      await made.start();
      await until(() => owned.length === 1);
      const insert = () =>
        owned[0]?.transaction((transaction) => transaction.query('INSERT INTO effect (grp, number) VALUES ($1, 1)', [group]));
      await insert();
      await database.sql.query('UPDATE consumer_offset SET assignment_epoch = assignment_epoch + 1 WHERE consumer_group = $1', [group]);
      await expect(insert()).rejects.toMatchObject({ name: 'FencedError', code: 'fenced' });
      await expect(insert()).rejects.toMatchObject({ code: 'fenced' });

      expect(await effects()).toEqual([1]);
    });

    it('makes a batch and a transaction of the owner wait for each other', async () => {
      const held = gate();
      const made = runtime(member());
      const { owned } = listen(made);
      await made.start();
      await until(() => owned.length === 1);
      const own = owned[0]?.transaction(async (transaction) => {
        await held.pass();
        await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, 0)', [group]);
      });
      await held.arrived;
      note(1);
      await waitForLock(database);
      held.open();
      await own;
      await until(async () => (await offset()) === '1');

      expect(await effects()).toEqual([0, 1]);
    });
  });
});

/** Until some session of this database waits for a row that another one has locked. */
async function waitForLock(database: TestDatabase): Promise<void> {
  const statement = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  await until(async () => (await database.sql.query(statement)).rowCount > 0);
}
