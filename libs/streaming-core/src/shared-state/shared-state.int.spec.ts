import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { until } from '@millrace/testing/within';
import { ClientError, connectAdmin, connectProducer, type ConnectionOptions } from '../client/index.ts';
import { uniqueName } from '../client/client.fixture.ts';
import { days, silentLogger, systemClock, type Clock } from '../runtime/index.ts';
import { joinElection, openStateTopic, type Election, type StateTopic } from './index.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker({
    settings: { 'group.min.session.timeout.ms': '1000', 'group.initial.rebalance.delay.ms': '0' },
  });
}, 60_000);
afterAll(() => broker?.stop());

const connection = (clock: Clock = systemClock): ConnectionOptions => ({
  bootstrapServers: [broker.bootstrapServers],
  clientId: 'shared-state-test',
  logger: silentLogger,
  clock,
});

/** One process with a copy of the state. */
class Process {
  readonly values = new Map<string, string>();
  readonly clock = new StoppableClock();
  #stops: Array<() => Promise<void>> = [];
  topic!: StateTopic;
  election!: Election;

  async open(topic: string): Promise<this> {
    this.topic = await openStateTopic({
      connection: connection(),
      topic,
      apply: ({ key, value }) => {
        if (value) this.values.set(String(key), String(value));
        else this.values.delete(String(key));
      },
    });
    this.#stops.unshift(() => this.topic.close());
    return this;
  }

  async join(groupId: string, port: number): Promise<this> {
    this.election = await joinElection({
      connection: connection(this.clock),
      groupId,
      url: `http://127.0.0.1:${port}`,
      topics: [this.topic],
      timing: { sessionTimeoutMs: 1_000, rebalanceTimeoutMs: 5_000, heartbeatIntervalMs: 200 },
    });
    this.#stops.unshift(() => this.election.close());
    return this;
  }

  write(key: string, value: string | null) {
    return this.election.write(() => [{ topic: this.topic.topic, key, value }]);
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}

/** While it is stopped, no timer fires, as in a process that hangs. */
class StoppableClock implements Clock {
  stopped = false;
  now = () => systemClock.now();
  monotonic = () => systemClock.monotonic();
  after = (span: number, work: () => void) =>
    systemClock.after(span, () => (this.stopped ? void this.after(20, work) : work()));
}

/** A topic whose first `readBack` takes too long. */
function readingBackLate(topic: StateTopic): { topic: StateTopic; readToEnd: { count: number } } {
  const readToEnd = { count: 0 };
  let late = true;
  const slow: StateTopic = {
    topic: topic.topic,
    get position() {
      return topic.position;
    },
    readToEnd: () => ((readToEnd.count += 1), topic.readToEnd()),
    async readBack(written) {
      if (late) {
        late = false;
        throw new ClientError('timeout', 'not read up to its end');
      }
      await topic.readBack(written);
    },
    close: () => topic.close(),
    [Symbol.asyncDispose]: () => topic.close(),
  };
  return { topic: slow, readToEnd };
}

const leads = ({ election }: Process) => until(() => election.leads, Boolean, 30_000);

describe('the state in a compacted topic', () => {
  it('is read to its end at the start, and followed by every process', async () => {
    const topic = uniqueName('state');
    const first = await new Process().open(topic);
    await using producer = connectProducer(connection());
    const records = Array.from({ length: 500 }, (_, index) => ({ topic, key: `k${index}`, value: 'old' }));
    await producer.send(records);

    const second = await new Process().open(topic);
    expect(second.values.size).toBe(500);
    const written = await producer.send([
      { topic, key: 'k1', value: 'new' },
      { topic, key: 'k2', value: null },
    ]);
    await Promise.all([first.topic.readBack(written), second.topic.readToEnd()]);

    expect(first.values).toEqual(second.values);
    expect(first.values.get('k1')).toBe('new');
    expect(first.values.has('k2')).toBe(false);
    await Promise.all([first.stop(), second.stop()]);
  }, 60_000);

  it('is refused if the topic forgets old records or has no single order', async () => {
    const forgetful = uniqueName('state');
    const wide = uniqueName('state');
    await using admin = connectAdmin(connection());
    await admin.createTopics([
      { name: forgetful, partitions: 1, retention: days(1), cleanup: 'delete' },
      { name: wide, partitions: 3, retention: 'unlimited', cleanup: 'compact' },
    ]);

    await expect(new Process().open(forgetful)).rejects.toThrow(
      `topic ${forgetful} has cleanup.policy=delete, so it loses old records, which are the state: ` +
        'set cleanup.policy=compact on it',
    );
    await expect(new Process().open(wide)).rejects.toMatchObject({ code: 'topic_mismatch' });
    const several = { connection: connection(), topic: wide, partitions: 25, apply: () => undefined };
    await (await openStateTopic(several)).close();
  }, 60_000);

  it('ends with an error if a record cannot be applied or the topic is deleted', async () => {
    const topic = uniqueName('state');
    const failures: Error[] = [];
    const onFailed = (error: Error) => void failures.push(error);
    const state = await openStateTopic({ connection: connection(), topic, apply: () => undefined, onFailed });
    const strict = await openStateTopic({
      connection: connection(),
      topic,
      apply: ({ value }) => void JSON.parse(String(value)),
      onFailed,
    });
    await using producer = connectProducer(connection());
    await producer.send([{ topic, key: 'k', value: 'not JSON' }]);
    await until(
      () => failures.length,
      (count) => count === 1,
    );
    expect(failures[0]).toBeInstanceOf(SyntaxError);
    await expect(strict.readToEnd()).rejects.toBe(failures[0]);

    await using admin = connectAdmin(connection());
    await admin.deleteTopics([topic]);
    await until(
      () => failures.length,
      (count) => count === 2,
      30_000,
    );
    await Promise.all([state.close(), strict.close()]);
  }, 60_000);
});

describe('the election of one leader', () => {
  it('names one process, which alone may write, and tells the others its address', async () => {
    const topic = uniqueName('state');
    const groupId = uniqueName('group');
    const first = await (await new Process().open(topic)).join(groupId, 8081);
    const second = await (await new Process().open(topic)).join(groupId, 8080);
    await until(
      () => second.election.electorate?.members.length,
      (count) => count === 2,
      30_000,
    );
    await leads(first);

    expect(second.election.leads).toBe(false);
    expect(second.election.leader?.url).toBe('http://127.0.0.1:8081');
    await first.write('a', '1');
    expect(first.values.get('a')).toBe('1');
    await expect(second.write('a', '2')).rejects.toThrow('write to http://127.0.0.1:8081');

    await first.stop();
    await leads(second);
    expect(second.values.get('a')).toBe('1');
    await second.write('a', '2');
    expect(second.values.get('a')).toBe('2');
    await second.stop();
  }, 60_000);

  it('N40 lets each decision see every write before it, and refuses the 1,001st that waits', async () => {
    const topic = uniqueName('state');
    const groupId = uniqueName('group');
    const process = await (await new Process().open(topic)).join(groupId, 8081);
    const add = () =>
      process.election.write(() => {
        const value = String(Number(process.values.get('sum') ?? 0) + 1);
        return [{ topic, key: 'sum', value }];
      });
    await Promise.all(Array.from({ length: 50 }, add));
    expect(process.values.get('sum')).toBe('50');

    const waiting = Array.from({ length: 1_000 }, () => process.election.write(() => []));
    await expect(add()).rejects.toMatchObject({ code: 'queue_full' });
    await Promise.all(waiting);
    await process.stop();
  }, 60_000);

  it('N44 refuses the write of a leader that hung, was deposed and has not noticed', async () => {
    const topic = uniqueName('state');
    const groupId = uniqueName('group');
    const hung = await (await new Process().open(topic)).join(groupId, 8081);
    const other = await (await new Process().open(topic)).join(groupId, 8082);
    await leads(hung);
    hung.clock.stopped = true;
    await leads(other);
    await other.write('a', 'of the new leader');

    expect(hung.election.leads).toBe(true);
    await expect(hung.write('a', 'of the old leader')).rejects.toMatchObject({ kind: 'fenced' });
    hung.clock.stopped = false;
    await other.topic.readToEnd();
    expect(other.values.get('a')).toBe('of the new leader');

    await until(
      () => hung.election.electorate?.members.length,
      (count) => count === 2,
      30_000,
    );
    await leads(other);
    expect(hung.election.leader?.url).toBe('http://127.0.0.1:8082');
    await Promise.all([hung.stop(), other.stop()]);
  }, 60_000);

  it('N44 gives up the lead if it does not know what came of a write, and reads everything before the next', async () => {
    const process = await new Process().open(uniqueName('state'));
    const { topic, readToEnd } = readingBackLate(process.topic);
    process.topic = topic;
    await process.join(uniqueName('group'), 8081);
    expect(readToEnd.count).toBe(1);

    await expect(process.write('a', '1')).rejects.toMatchObject({ code: 'timeout' });
    expect(process.election.leads).toBe(false);
    await leads(process);
    expect(readToEnd.count).toBe(2);
    await process.write('a', '2');
    expect(process.values.get('a')).toBe('2');
    await process.stop();
  }, 60_000);

  it('goes on when the broker comes back', async () => {
    const topic = uniqueName('state');
    const groupId = uniqueName('group');
    const process = await (await new Process().open(topic)).join(groupId, 8081);
    await process.write('a', '1');
    const comeBack = await broker.lose();
    const read = process.topic.readToEnd();
    await comeBack();
    await read;
    await until(
      () =>
        process.write('a', '2').then(
          () => true,
          () => false,
        ),
      Boolean,
      30_000,
    );
    expect(process.values.get('a')).toBe('2');
    await process.stop();
  }, 60_000);

  it('is refused an address that is none', async () => {
    const state = await new Process().open(uniqueName('state'));
    const election = joinElection({
      connection: connection(),
      groupId: 'g',
      url: 'here',
      topics: [state.topic],
    });
    await expect(election).rejects.toThrow('url: here is not a URL; give http://HOST:PORT');
    await state.stop();
  }, 60_000);
});
