import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { kcat } from '@millrace/testing/kcat';
import type { PythonProgram } from '@millrace/test-support/python';
import { sharedStack, until } from '@millrace/test-support/stack';
import { GroupOperator } from './group-operator.ts';
import { startGuide } from './guides-python.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const topic = 'user-events';
const group = new GroupOperator(log.bootstrapServers, 'analytics-group');
const commitIntervalMs = 5_000;

describe('G09 offsets of analytics-group on user-events', () => {
  const running: PythonProgram[] = [];
  let sent = 0;
  beforeEach(async () => {
    await log.newTopic(topic, 3);
    sent = 0;
    await send(10);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program.kill()));
    await group.deleteGroup();
  });
  afterAll(async () => {
    await group.close();
    await log.close();
  });

  /** Sends records to partition 0, which is the partition of the key user123. */
  async function send(count: number): Promise<void> {
    const values = Array.from({ length: count }, () => JSON.stringify({ event: sent++ }));
    await log.producer.send(values.map((value) => ({ topic, key: 'user123', value })));
  }

  async function start(program: string, ...args: readonly string[]): Promise<PythonProgram> {
    const started = await startGuide(program, log.bootstrapServers, ...args);
    running.push(started);
    return started;
  }

  /**
   * Waits until the consumer has printed the last offset and resolves to all that it has handled.
   */
  async function handledBy(consumer: PythonProgram, last: number): Promise<readonly number[]> {
    const handled = () =>
      [...consumer.output().matchAll(/offset (\d+):/g)].map(([, offset]) => Number(offset));
    await until(
      () => `offset ${last} to be handled; last seen: ${handled().join()}; ${consumer.errors()}`,
      40_000,
      () => handled().includes(last),
    );
    return handled();
  }

  /**
   * Removes the consumer from the group as an operator would; otherwise the group waits for its
   * session to end.
   */
  async function isGone(consumer: PythonProgram): Promise<void> {
    await consumer.ended;
    await group.removeMembers();
  }

  const kill = async (consumer: PythonProgram) => {
    await consumer.kill();
    await isGone(consumer);
  };
  const committed = () => group.committed(topic);
  const upTo = (offset: number, from = 0) =>
    Array.from({ length: offset - from }, (_, index) => from + index);

  it('are committed automatically after 5 s, and a kill before that redelivers the records', async () => {
    const committedAfterKill = async () => {
      const killed = await start('consumer.py');
      expect(await handledBy(killed, 9)).toEqual(upTo(10));
      await kill(killed);
      return committed();
    };
    let found = await committedAfterKill();
    // On a busy machine, the kill may come after the first commit.
    for (let retries = 0; found !== undefined && retries < 4; retries += 1) {
      await group.deleteGroup();
      found = await committedAfterKill();
    }
    expect(found).toBeUndefined();

    const from = performance.now();
    const moving = await start('consumer.py');
    expect(await handledBy(moving, 9)).toEqual(upTo(10));
    await until('the offset to be committed', 30_000, async () => (await committed()) === 10n);
    expect(performance.now() - from).toBeGreaterThan(commitIntervalMs);
    await kill(moving);

    await send(3); // while no consumer runs
    expect(await handledBy(await start('consumer.py'), 12)).toEqual([10, 11, 12]);
  });

  it('redeliver the whole poll after a kill before a manual commit, and nothing after a kill that follows the commit', async () => {
    const before = await start('manual_consumer.py', 'before');
    await isGone(before);
    expect(await handledBy(before, 9)).toEqual(upTo(10));
    expect(await committed()).toBeUndefined();

    const after = await start('manual_consumer.py', 'after');
    await isGone(after);
    expect(await handledBy(after, 9)).toEqual(upTo(10));
    expect(await committed()).toBe(10n);

    await send(2);
    expect(await handledBy(await start('manual_consumer.py'), 11)).toEqual([10, 11]);
  });

  it('are stored in the internal topic __consumer_offsets', async () => {
    await group.commit(topic, 4n);

    const listed = JSON.parse(
      await kcat(['-b', log.bootstrapServers, '-L', '-J', '-t', '__consumer_offsets']),
    ) as {
      topics: readonly { partitions: readonly object[]; error?: string }[];
    };
    expect(listed.topics[0]).toMatchObject({ topic: '__consumer_offsets' });
    expect(listed.topics[0]?.error).toBeUndefined();
    const keys = await kcat([
      '-b',
      log.bootstrapServers,
      '-C',
      '-t',
      '__consumer_offsets',
      '-e',
      '-q',
      '-f',
      '%k\n',
    ]);
    expect(keys).toContain(`analytics-group\0${String.fromCharCode(topic.length)}${topic}`);
  });
});
