import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { startStreamsProcess, type StreamsProcess } from './streams-process.fixture.ts';
import { expectExactCounts, keepWriting } from './word-load.fixture.ts';

/** The number of kills. Each one takes up to the session timeout of six seconds. */
const kills = Number(process.env.MILLRACE_TEST_KILLS ?? 2);

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const start = (applicationId: string, name: string, ...moment: readonly string[]): StreamsProcess =>
  startStreamsProcess('./counting.program.ts', [
    world.bootstrapServers[0]!,
    applicationId,
    join(world.folder, applicationId, name),
    `${applicationId}-input`,
    `${applicationId}-output`,
    ...moment,
  ]);

async function makeTopics(applicationId: string): Promise<void> {
  await world.createTopic(`${applicationId}-input`, 3);
  await world.createTopic(`${applicationId}-output`, 3);
}

describe('processes that count words exactly once', () => {
  it('take over from each other, whenever one of them is killed', async () => {
    const random = seededRandom(seed);
    await makeTopics('taking');
    const load = keepWriting(world, 'taking-input', random);
    const running = [start('taking', 'one'), start('taking', 'other')];
    try {
      await Promise.all(running.map((app) => app.line()));
      for (let kill = 0; kill < kills; kill += 1) {
        const victim = Math.floor(random() * 2);
        await new Promise((resolve) => setTimeout(resolve, random() * 1_000));
        await running[victim]!.kill();
        const turn = String(2 + Math.floor(random() * 20));
        const moment = [[], ['log', turn], ['state', turn]][Math.floor(random() * 3)]!;
        running[victim] = start('taking', victim === 0 ? 'one' : 'other', ...moment);
        await new Promise((resolve) => setTimeout(resolve, random() * 3_000));
      }
      const written = await load.stop();
      running.push(start('taking', 'last'));

      await expectExactCounts(world, 'taking-output', written, 60_000);
    } finally {
      await load.stop();
      for (const app of running) await app.kill();
    }
  }, 600_000);

  it.each([
    ['in the middle of a commit', 'hang', '10'],
    ['in a callback for a record', 'slow-record', '200'],
  ])(
    'continue when one hangs %s until the other one has its tasks',
    async (_where, moment, turn) => {
      await makeTopics(moment);
      const load = keepWriting(world, `${moment}-input`, seededRandom(seed));
      await using slow = start(moment, 'slow', moment, turn);
      await slow.line();
      await using other = start(moment, 'other');
      await slow.line();
      await other.line();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      const written = await load.stop();

      await expectExactCounts(world, `${moment}-output`, written, 60_000);
    },
    120_000,
  );

  it('T04 continue without another process after a callback that lasts longer than the session', async () => {
    await makeTopics('alone');
    const load = keepWriting(world, 'alone-input', seededRandom(seed));
    await using slow = start('alone', 'slow', 'slow-record', '200');
    await slow.line();
    await slow.line();
    const written = await load.stop();

    await expectExactCounts(world, 'alone-output', written, 60_000);
  }, 120_000);
});
