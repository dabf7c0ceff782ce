import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '@millrace/streaming-core/client';
import { until } from '@millrace/testing/within';
import { SqliteMeta } from '../state/sqlite/sqlite-meta.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import type { StreamsOptions } from './streams-options.ts';
import { wordCount } from './word-count.fixture.ts';

const partitions = 4;
const words = ['all', 'streams', 'lead', 'to', 'kafka', 'and', 'back', 'again'];

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** One process of the application. Its state folder has its name. */
const processOf = (applicationId: string, name: string, options: Partial<StreamsOptions> = {}): StreamsApp =>
  connectStreams(wordCount(`${applicationId}-input`, `${applicationId}-output`), {
    applicationId,
    guarantee: 'exactly_once_v2',
    bootstrapServers: world.bootstrapServers,
    stateDir: join(world.folder, name),
    commitIntervalMs: 30,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 100,
    ...options,
  });

async function startWriting(applicationId: string) {
  await world.createTopic(`${applicationId}-input`, partitions);
  await world.createTopic(`${applicationId}-output`, partitions);
  let lines = 0;
  const write = async (count: number) => {
    const line = words.join(' ');
    await world.send(
      Array.from({ length: count }, (_, index) => ({
        topic: `${applicationId}-input`,
        key: `k${lines + index}`,
        value: line,
      })),
    );
    lines += count;
  };
  /** Resolves once every word of each line is counted, and expects that none was counted twice. */
  const expectCounts = async () => {
    const counts = async () => {
      const records = await world.committed(`${applicationId}-output`);
      return Object.fromEntries(words.map((word) => [word, countOf(records, word)]));
    };
    const counted = await until(
      counts,
      (found) => Object.values(found).every((count) => count >= lines),
      30_000,
    );
    expect(counted).toEqual(Object.fromEntries(words.map((word) => [word, lines])));
  };
  return { write, expectCounts };
}

const countOf = (records: readonly FetchedRecord[], word: string): number => {
  const last = records.findLast(({ key }) => String(key) === word);
  return last === undefined ? 0 : Number(last.value?.readBigInt64BE());
};

describe('the processes of an application', () => {
  it('T09 share the tasks, and count each word once while one joins and another leaves', async () => {
    const { write, expectCounts } = await startWriting('shared');
    await using first = processOf('shared', 'first');
    await first.start();
    await write(50);
    await using second = processOf('shared', 'second');
    await second.start();
    await until(
      () => [first.stores('counts').length, second.stores('counts').length],
      ([one = 0, other = 0]) => one === 2 && other === 2,
    );
    await write(50);
    await expectCounts();
    await first.close();
    await write(50);

    await expectCounts();
    expect(second.stores('counts')).toHaveLength(partitions);
  });

  it("T09 follow the changelogs of other processes' tasks if standbyReplicas is set", async () => {
    const { write, expectCounts } = await startWriting('replicated');
    await using first = processOf('replicated', 'active', { standbyReplicas: 1 });
    await first.start();
    await using second = processOf('replicated', 'standby', { standbyReplicas: 1 });
    await second.start();
    await write(100);
    await expectCounts();
    /**
     * Returns for how many tasks of sub-topology 1, and for how many words, the folder has state.
     */
    const copiesIn = (name: string) =>
      Array.from({ length: partitions }, (_, partition) => rowsIn(name, partition)).filter(
        (rows) => rows > 0,
      );
    const wordsIn = (name: string) => copiesIn(name).reduce((sum, rows) => sum + rows, 0);

    await until(
      () => [wordsIn('active'), wordsIn('standby')],
      ([one, other]) => one === words.length && other === words.length,
    );
    const copies = await until(
      () => second.tasks().filter(({ role }) => role === 'standby'),
      (found) => found.length > 0 && found.every(({ lagRecords }) => lagRecords === 0),
    );
    expect(copies.map(({ task, storeBytes }) => [task, storeBytes])).toEqual(
      first
        .tasks()
        .filter(({ task, role }) => role === 'active' && task.startsWith('1_'))
        .map(({ task }) => [task, undefined]),
    );
    await first.close();
    await write(20);
    await expectCounts();
  });
});

/**
 * Returns the words of the store `counts` in the file of a task, including those that wait in the
 * heap.
 */
function rowsIn(name: string, partition: number): number {
  const path = join(world.folder, name, 'replicated', `1_${partition}`, 'state.db');
  if (!existsSync(path)) return 0;
  using database = new DatabaseSync(path, { readOnly: true });
  if (new SqliteMeta(database).read().changelogs.size === 0) return 0;
  const tables = database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%counts%'`)
    .all() as unknown as { name: string }[];
  const keys = tables.flatMap((table) => database.prepare(`SELECT hex(k) AS key FROM "${table.name}"`).all());
  return new Set(keys.map(({ key }) => key)).size;
}
