import { describe, expect, it } from '@jest/globals';
import { runtimeBench, until } from './runtime.bench.ts';

describe('with offsets that do not fit the log, the consumer', () => {
  const bench = runtimeBench();
  const { runtime, member, note, effects, offset } = bench;

  async function handleOne(): Promise<void> {
    note(1);
    const first = runtime(member());
    await first.start();
    await until(async () => (await offset()) === '1');
    await first.stop();
  }

  it('M10 rejects the offset of a recreated topic, names the remedy, and resumes once it is applied', async () => {
    await handleOne();
    bench.log.recreate('notes');
    note(2);
    const made = runtime(member());
    await made.start();
    await until(() => made.status()[0]?.state === 'refused');
    const failure = made.status()[0]?.failure;
    expect(failure).toMatchObject({ code: 'offset_refused', message: expect.stringContaining('recreated') });
    expect(await effects()).toEqual([1]);

    await bench.database.sql.query(/DELETE .*/.exec(failure?.message ?? '')?.[0] ?? '');
    await until(async () => (await effects()).length === 2);
    expect(made.status()[0]).toMatchObject({ state: 'open', failure: undefined });
  });

  it('rejects the offset of another cluster', async () => {
    await handleOne();
    bench.log.clusterId = 'cluster-2';
    const made = runtime(member());
    await made.start();
    await until(() => made.status()[0]?.state === 'refused');

    expect(made.status()[0]?.failure?.message).toContain('another cluster');
  });

  it('M10 rejects an offset beyond the end of the log or before its first record, and never resets it', async () => {
    await handleOne();
    await bench.database.sql.query('UPDATE consumer_offset SET next_offset = 9 WHERE consumer_group = $1', [
      bench.group,
    ]);
    const beyond = runtime(member());
    await beyond.start();
    await until(() => beyond.status()[0]?.state === 'refused');
    expect(beyond.status()[0]?.failure?.message).toContain('beyond the end');
    expect(await offset()).toBe('9');
    await beyond.stop();

    await bench.database.sql.query('UPDATE consumer_offset SET next_offset = 0 WHERE consumer_group = $1', [
      bench.group,
    ]);
    bench.log.topic('notes').beginning = 1n;
    const before = runtime(member());
    await before.start();
    await until(() => before.status()[0]?.state === 'refused');
    expect(before.status()[0]?.failure?.message).toContain('deleted unread');
    await bench.database.sql.query(/UPDATE .*/.exec(before.status()[0]?.failure?.message ?? '')?.[0] ?? '');
    await until(() => before.status()[0]?.state === 'open');
  });

  it('M45 names a remedy that moves the offset back to the end of a shorter log, and continues there', async () => {
    for (const number of [1, 2, 3]) note(number);
    const first = runtime(member());
    await first.start();
    await until(async () => (await offset()) === '3');
    await first.stop();
    bench.log.topic('notes').partitions[0]?.splice(1);
    const refused = runtime(member());
    await refused.start();
    await until(() => refused.status()[0]?.state === 'refused');
    const remedy =
      /To continue regardless: (.*)/.exec(refused.status()[0]?.failure?.message ?? '')?.[1] ?? '';
    await refused.stop();

    for (const number of [4, 5, 6]) note(number);
    await bench.database.sql.query(remedy);
    await runtime(member()).start();
    await until(async () => (await offset()) === '4');
    expect(await effects()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  async function madeAnewBehindOneRecord() {
    note(1);
    const consumer = member();
    const made = runtime(consumer);
    await made.start();
    await until(async () => (await offset()) === '1');
    bench.log.recreate('notes');
    return { consumer, made };
  }

  it('notices that a topic was recreated while it reads', async () => {
    const { consumer, made } = await madeAnewBehindOneRecord();
    let failing = true;
    consumer.fetchError = () => (failing ? new Error('UNKNOWN_TOPIC_ID') : undefined);
    await until(() => made.status()[0]?.state === 'refused');
    failing = false;

    expect(consumer.rejoins).toBe(1);
    expect(made.status()[0]?.failure?.message).toContain('recreated');
  });

  it('M10 reads no record of a topic that was recreated while it reads, even if it has records at the same offsets', async () => {
    const { consumer, made } = await madeAnewBehindOneRecord();
    note(2);
    note(3);
    await until(() => made.status()[0]?.state === 'refused');

    expect(await effects()).toEqual([1]);
    expect(consumer.rejoins).toBe(1);
  });

  it('begins at the earliest record of the log if the group is new', async () => {
    for (let number = 1; number <= 3; number += 1) note(number);
    bench.log.topic('notes').beginning = 2n;
    await runtime(member()).start();
    await until(async () => (await offset()) === '3');

    expect(await effects()).toEqual([3]);
  });
});
