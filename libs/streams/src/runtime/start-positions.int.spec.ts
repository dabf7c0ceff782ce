import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { deleteState, resetApplication } from '../reset/reset-application.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams } from './streams-app.ts';
import type { ProcessingGuarantee } from './streams-options.ts';
import { wordCount } from './word-count.fixture.ts';
import { countsByWord } from './word-load.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** An application that has counted `a b a`, and whose group has then lost its offsets. */
async function withoutOffsets(applicationId: string, guarantee: ProcessingGuarantee) {
  const input = `${applicationId}-input`;
  const output = `${applicationId}-output`;
  const stateDir = join(world.folder, applicationId);
  for (const topic of [input, output]) await world.createTopic(topic, 1);
  const warned: string[] = [];
  const start = async () => {
    const app = connectStreams(wordCount(input, output), {
      applicationId,
      bootstrapServers: world.bootstrapServers,
      stateDir,
      guarantee,
      commitIntervalMs: 30,
      cacheBytesMax: 0,
      logger: { ...silentLogger, warn: (_fields, message) => void warned.push(message) },
    });
    await app.start();
    return app;
  };
  {
    await using _first = await start();
    await world.send([{ topic: input, key: 'k', value: 'a b a' }]);
    await world.committedOf(output, 3);
  }
  await world.admin.groups.delete([applicationId]);
  return { input, output, stateDir, warned, start };
}

describe('an application with state whose group has lost its offsets', () => {
  it('does not start with exactly_once_v2, counts nothing twice, and starts over after a reset', async () => {
    const { input, output, stateDir, start } = await withoutOffsets('expired', 'exactly_once_v2');

    await expect(start()).rejects.toMatchObject({
      code: 'offsets_expired',
      message: expect.stringMatching(
        /^the task 1_0 has state in expired-counts-changelog\/0, .+ --application-id expired --input-topics NAME/,
      ),
    });
    expect(await countsByWord(world, output)).toEqual({ a: [1, 2], b: [1] });
    await resetApplication(world.admin, { applicationId: 'expired', inputTopics: [input] });
    deleteState(stateDir, 'expired', randomUUID);
    await using _over = await start();
    await world.committedOf(output, 6);
    expect(await countsByWord(world, output)).toEqual({ a: [1, 2, 1, 2], b: [1, 1] });
  });

  it('starts with at_least_once, where a crash may do the same, and warns that records count twice', async () => {
    const { start, warned } = await withoutOffsets('repeated', 'at_least_once');

    await using again = await start();
    expect(again.state).toBe('running');
    expect(warned).toEqual([expect.stringMatching(/^the task 1_0 has state .+: records may count twice$/)]);
  });
});
