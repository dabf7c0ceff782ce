import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectTransactionalProducer } from '@millrace/streaming-core/client';
import { days, silentLogger, systemClock, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import { countsByWord } from './word-load.fixture.ts';
import { wordCount } from './word-count.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

interface Run {
  readonly on?: LogWorld;
  readonly folder?: string;
  readonly clock?: Clock;
}

/** The page size of SQLite. The first pages hold the schema of the file. */
const pageBytes = 4_096;

const inTwoDays: Clock = {
  now: () => systemClock.now() + days(2),
  monotonic: () => systemClock.monotonic(),
  after: (spanMs, work) => systemClock.after(spanMs, work),
};

/**
 * One application over several runs, and the reasons why a run has not trusted the state that it
 * found.
 */
async function applicationOf(applicationId: string) {
  const input = `${applicationId}-input`;
  const output = `${applicationId}-output`;
  const changelog = `${applicationId}-counts-changelog`;
  const refused: string[] = [];
  const warn = (fields: unknown) => {
    const { reason } = fields as { readonly reason?: string };
    if (reason !== undefined) refused.push(reason);
  };
  const logger: Logger = { ...silentLogger, warn };
  const makeTopics = async (on: LogWorld) => {
    await on.createTopic(input, 1);
    await on.createTopic(output, 1);
  };
  const appOf = ({ on = world, folder = 'first', clock = systemClock }: Run): StreamsApp =>
    connectStreams(wordCount(input, output), {
      applicationId,
      bootstrapServers: on.bootstrapServers,
      stateDir: join(world.folder, applicationId, folder),
      guarantee: 'exactly_once_v2',
      commitIntervalMs: 30,
      cacheBytesMax: 0,
      logger,
      clock,
    });
  let results = 0;
  /** Starts a process, lets it count these words, and closes it. Returns all counts so far. */
  const count = async (line: string, run: Run = {}) => {
    const { on = world } = run;
    await using app = appOf(run);
    await app.start();
    await on.send([{ topic: input, key: 'k', value: line }]);
    results += line.split(' ').length;
    await on.committedOf(output, on === world ? results : line.split(' ').length);
    return countsByWord(on, output);
  };
  await makeTopics(world);
  return { changelog, refused, makeTopics, count };
}

describe('state that does not fit the log', () => {
  it('is restored from the changelog if the folder of a task was deleted', async () => {
    const { count, refused } = await applicationOf('folder');
    await count('a b a');
    await rm(join(world.folder, 'folder', 'first', 'folder', '1_0'), { recursive: true });

    expect(await count('a b')).toEqual({ a: [1, 2, 3], b: [1, 2] });
    expect(refused).toEqual([]);
  });

  it('is not used with another cluster, whose records are counted from the first one', async () => {
    const { count, refused, makeTopics } = await applicationOf('moved');
    await count('a b a');
    await using other = await startLogWorld();
    await makeTopics(other);

    expect(await count('a b', { on: other })).toEqual({ a: [1], b: [1] });
    expect(refused[0]).toMatch(/^It belongs to cluster .+, and this is .+\.$/);
  });

  it('is empty if its changelog was deleted, in the file and at each restoration', async () => {
    const { changelog, count, refused } = await applicationOf('deleted');
    await count('a b a');
    await world.admin.topics.delete([changelog]);

    expect(await count('a')).toEqual({ a: [1, 2, 1], b: [1] });
    expect(refused).toEqual([`${changelog} was deleted and created again.`]);
    await rm(join(world.folder, 'deleted', 'first', 'deleted', '1_0'), { recursive: true });
    expect(await count('a b')).toEqual({ a: [1, 2, 1, 2], b: [1, 1] });
  });

  it('is restored from the beginning if it has missed records and is older than their tombstones', async () => {
    const { count, refused } = await applicationOf('aged');
    await count('a b a');
    await mkdir(join(world.folder, 'aged', 'second'), { recursive: true });
    await count('a b', { folder: 'second' });

    expect(await count('a', { clock: inTwoDays })).toEqual({ a: [1, 2, 3, 4], b: [1, 2] });
    expect(refused).toEqual([expect.stringContaining('may have lost tombstones')]);
  });

  it('is used two days after a close if its changelog has had no records since then', async () => {
    const { count, refused } = await applicationOf('idle');
    await count('a b a');
    const remaining: number[] = [];
    const onRestore = (report: unknown) =>
      void remaining.push((report as { remainingRecords: number }).remainingRecords);
    subscribe('millrace:streams:restore', onRestore);

    expect(await count('a', { clock: inTwoDays })).toEqual({ a: [1, 2, 3], b: [1] });
    unsubscribe('millrace:streams:restore', onRestore);
    expect(refused).toEqual([]);
    expect(Math.max(...remaining)).toBe(0);
  });

  it('T06 is restored when SQLite finds it damaged during work, and the counts stay exact', async () => {
    const { count, refused } = await applicationOf('damaged');
    const all = Array.from({ length: 2_000 }, (_each, index) => `w${index}`);
    await count(all.join(' '));
    const path = join(world.folder, 'damaged', 'first', 'damaged', '1_0', 'state.db');
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xab, pageBytes * 5));

    expect(await count(all.join(' '))).toEqual(Object.fromEntries(all.map((word) => [word, [1, 2]])));
    expect(refused).toEqual([expect.stringMatching(/^SQLite cannot read it: .+\.$/)]);
  });

  it('fails the start, with the name of the setting, if its folder cannot be created', async () => {
    const { count } = await applicationOf('refused');
    await writeFile(join(world.folder, 'refused'), 'a file where the folder is to be');

    await expect(count('a')).rejects.toMatchObject({
      code: 'state_folder_failed',
      message: expect.stringMatching(/refused is a file, not a folder\): give a stateDir that this process/),
    });
  });

  it('restores nothing from an aborted transaction in the changelog', async () => {
    const { changelog, count } = await applicationOf('aborted');
    await count('a b a');
    const { bootstrapServers } = world;
    const ids = { clientId: 'given-up', transactionalId: 'given-up' };
    const producer = connectTransactionalProducer({ bootstrapServers, ...ids });
    await producer.open();
    const transaction = await producer.begin();
    await transaction.send([
      { topic: changelog, partition: 0, key: 'a', value: Buffer.from('0000000000000064', 'hex') },
    ]);
    await transaction.abort();
    await producer.close();

    expect(await count('a')).toEqual({ a: [1, 2, 3], b: [1] });
  });
});
