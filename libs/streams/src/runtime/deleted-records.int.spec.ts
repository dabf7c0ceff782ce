import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientError, type UndecodedPartition } from '@millrace/streaming-core/client';
import { silentLogger, type Logger } from '@millrace/streaming-core/runtime';
import type { OffsetReset } from '../topology/topology-spec.ts';
import { pastDeleted } from './deleted-records.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams } from './streams-app.ts';
import { wordCount } from './word-count.fixture.ts';
import { countsByWord } from './word-load.fixture.ts';

/** A logger that keeps its warnings. */
function warnings(): { readonly logger: Logger; readonly warned: readonly unknown[] } {
  const warned: unknown[] = [];
  return { logger: { ...silentLogger, warn: (fields) => void warned.push(fields) }, warned };
}

describe('an application whose next records were deleted while it was stopped', () => {
  let world: LogWorld;
  beforeAll(async () => {
    world = await startLogWorld();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it('continues at the first record that is left, keeps its state and names the lost offsets', async () => {
    const input = 'lossy-input';
    const output = 'lossy-output';
    for (const topic of [input, output]) await world.createTopic(topic, 1);
    const { logger, warned } = warnings();
    const start = async () => {
      const app = connectStreams(wordCount(input, output), {
        applicationId: 'lossy',
        bootstrapServers: world.bootstrapServers,
        stateDir: join(world.folder, 'lossy'),
        guarantee: 'exactly_once_v2',
        commitIntervalMs: 30,
        cacheBytesMax: 0,
        logger,
      });
      await app.start();
      return app;
    };
    const say = (...lines: readonly string[]) =>
      world.send(lines.map((value) => ({ topic: input, key: 'k', value })));
    {
      await using _first = await start();
      await say('a');
      await world.committedOf(output, 1);
    }
    await say('lost', 'lost', 'a');
    await world.admin.records.delete([{ topic: input, partition: 0, offset: 3n }]);

    await using _second = await start();
    await world.committedOf(output, 2);
    expect(await countsByWord(world, output)).toEqual({ a: [1, 2] });
    expect(warned).toEqual([{ topic: input, partition: 0, fromOffset: 1n, toOffset: 2n }]);
  });
});

describe('a fetch from an offset that the log does not have', () => {
  const refusedAt = (nextOffset: bigint): UndecodedPartition => ({
    topic: 'in',
    partition: 0,
    nextOffset,
    highWatermark: -1n,
    records: { countMax: 0, sizeBytes: 0, next: () => undefined },
    error: new ClientError('offset_out_of_range', 'the log begins at 5'),
  });
  const fiveToNine = (offset: bigint, reset: OffsetReset) => {
    const at = (end: bigint) => () => Promise.resolve([{ topic: 'in', partition: 0, offset: end }]);
    const { logger, warned } = warnings();
    const reader = { beginningOffsets: at(5n), endOffsets: at(9n) };
    return { past: pastDeleted(refusedAt(offset), { reader, resetOf: () => reset, logger }), warned };
  };

  it('is continued at the end of the log if the reset is latest', async () => {
    const { past, warned } = fiveToNine(2n, 'latest');

    expect(await past).toEqual(expect.objectContaining({ nextOffset: 9n, highWatermark: 9n, partition: 0 }));
    expect(warned).toEqual([{ topic: 'in', partition: 0, fromOffset: 2n, toOffset: 8n }]);
  });

  it('fails if the reset is none', async () => {
    await expect(fiveToNine(2n, 'none').past).rejects.toMatchObject({
      code: 'no_offset',
      message: expect.stringMatching(/^the records of in\/0 from offset 2 to 4 were deleted, and its reset/),
    });
  });

  it('fails at an offset beyond the end, because the state has records that the log lacks', async () => {
    await expect(fiveToNine(10n, 'earliest').past).rejects.toMatchObject({
      code: 'log_too_short',
      message: expect.stringMatching(/^in\/0 ends at offset 9, and the application is at offset 10: restore/),
    });
  });

  it('is repeated if the log has the offset by now', async () => {
    const { past, warned } = fiveToNine(6n, 'earliest');

    expect(await past).toMatchObject({ nextOffset: 6n });
    expect(warned).toEqual([]);
  });
});
