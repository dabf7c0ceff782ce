import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { until } from '@millrace/testing/within';
import type { FetchedRecord } from '@millrace/streaming-core/client';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { startStreamsProcess, type StreamsProcess } from './streams-process.fixture.ts';

/** The number of kills. Each one costs a second or two. */
const kills = Number(process.env.MILLRACE_TEST_KILLS ?? 4);
const words = Array.from({ length: 23 }, (_, index) => `word${index}`);

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** The counts of every word in the order of the log. */
function countsByWord(records: readonly FetchedRecord[]): Record<string, number[]> {
  const counts: Record<string, number[]> = {};
  for (const { key, value } of records) (counts[String(key)] ??= []).push(Number(value?.readBigInt64BE()));
  return counts;
}

const lastOfEach = (records: readonly FetchedRecord[]): Record<string, number | undefined> =>
  Object.fromEntries(Object.entries(countsByWord(records)).map(([word, counts]) => [word, counts.at(-1)]));

/** Writes lines until `stop`, which resolves to how often it has written each word. */
function keepWriting(topic: string, random: () => number): { stop(): Promise<Record<string, number>> } {
  const written: Record<string, number> = {};
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      const lines = Array.from({ length: 5 }, () =>
        Array.from({ length: 4 }, () => words[Math.floor(random() * words.length)]!),
      );
      for (const word of lines.flat()) written[word] = (written[word] ?? 0) + 1;
      await world.send(lines.map((line, index) => ({ topic, key: `k${index}`, value: line.join(' ') })));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await writing;
      return written;
    },
  };
}

describe('a word count with exactly_once_v2 whose process is killed', () => {
  const start = (
    applicationId: string,
    stateDir = join(world.folder, applicationId),
    ...death: readonly string[]
  ): StreamsProcess =>
    startStreamsProcess('./counting.program.ts', [
      world.bootstrapServers[0]!,
      applicationId,
      stateDir,
      `${applicationId}-input`,
      `${applicationId}-output`,
      ...death,
    ]);

  const makeTopics = async (applicationId: string, partitions: number) => {
    await world.createTopic(`${applicationId}-input`, partitions);
    await world.createTopic(`${applicationId}-output`, partitions);
  };

  const expectCounts = async (applicationId: string, written: Record<string, number>) => {
    const total = (counts: Record<string, number | undefined>) =>
      Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
    const topic = `${applicationId}-output`;
    const counted = async () => total(lastOfEach(await world.committed(topic)));
    await until(counted, (sum) => sum >= total(written), 30_000).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${total(written)} words were written`, { cause: error });
    });
    const records = await world.committed(topic);
    expect({ seed, counts: lastOfEach(records) }).toEqual({ seed, counts: written });
    for (const counts of Object.values(countsByWord(records)))
      expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  };

  it('counts every word once, whenever it is killed', async () => {
    const random = seededRandom(seed);
    await makeTopics('killed', 2);
    const load = keepWriting('killed-input', random);
    for (let kill = 0; kill < kills; kill += 1) {
      await using app = start('killed');
      await app.line();
      await new Promise((resolve) => setTimeout(resolve, random() * 400));
      await app.kill();
    }
    await using last = start('killed');
    await last.line();
    const written = await load.stop();

    await expectCounts('killed', written);
  }, 240_000);

  it.each(['log', 'state'])(
    'counts every word once if it dies before the commit of the %s',
    async (moment) => {
      const applicationId = `dies-before-${moment}`;
      await makeTopics(applicationId, 1);
      const load = keepWriting(`${applicationId}-input`, seededRandom(seed));
      for (const turn of ['3', '8']) {
        await using app = start(applicationId, undefined, moment, turn);
        await app.ended();
      }
      await using last = start(applicationId);
      await last.line();
      const written = await load.stop();

      await expectCounts(applicationId, written);
    },
    120_000,
  );

  it('restores its counts from the changelog if the state folder is lost', async () => {
    await makeTopics('lost', 2);
    const load = keepWriting('lost-input', seededRandom(seed));
    {
      await using app = start('lost');
      await app.line();
      await world.committedOf('lost-output', 40);
    }
    await rm(join(world.folder, 'lost'), { recursive: true });
    await using last = start('lost');
    await last.line();
    const written = await load.stop();

    await expectCounts('lost', written);
  }, 120_000);

  it('is continued by another process, which has no state', async () => {
    await makeTopics('taken', 2);
    const load = keepWriting('taken-input', seededRandom(seed));
    await using first = start('taken', join(world.folder, 'taken-1'));
    await first.line();
    await using second = start('taken', join(world.folder, 'taken-2'));
    await second.line();
    await world.committedOf('taken-output', 40);
    await first.kill();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const written = await load.stop();

    await expectCounts('taken', written);
  }, 120_000);

  it('does not share its state folder', async () => {
    await makeTopics('shared', 1);
    await using first = start('shared');
    await first.line();
    const second = startStreamsProcess('./refused.program.ts', [
      world.bootstrapServers[0]!,
      'shared',
      join(world.folder, 'shared'),
    ]);

    expect(await second.line()).toBe(
      `state_folder_taken: the state folder ${join(world.folder, 'shared', 'shared')} is in use by process ` +
        `${first.pid}: give each process a stateDir of its own, or stop that one`,
    );
  });
});
