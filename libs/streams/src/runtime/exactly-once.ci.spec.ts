import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { startStreamsProcess, type StreamsProcess } from './streams-process.fixture.ts';
import { expectExactCounts, keepWriting, type WordCounts } from './word-load.fixture.ts';

/** The number of kills. Each one takes a second or two. */
const kills = Number(process.env.MILLRACE_TEST_KILLS ?? 4);
let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

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

  const write = (applicationId: string, random = seededRandom(seed)) =>
    keepWriting(world, `${applicationId}-input`, random);
  const expectCounts = (applicationId: string, written: WordCounts) =>
    expectExactCounts(world, `${applicationId}-output`, written);

  it('T04 counts every word once, whenever it is killed', async () => {
    const random = seededRandom(seed);
    await makeTopics('killed', 2);
    const load = write('killed', random);
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
    'T04 counts every word once if it dies before the commit of the %s',
    async (moment) => {
      const applicationId = `dies-before-${moment}`;
      await makeTopics(applicationId, 1);
      const load = write(applicationId);
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

  it('T06 restores its counts from the changelog if the state folder is lost', async () => {
    await makeTopics('lost', 2);
    const load = write('lost');
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

  it('T06 is continued by another process, which has no state', async () => {
    await makeTopics('taken', 2);
    const load = write('taken');
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

  it('T08 does not share its state folder', async () => {
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
