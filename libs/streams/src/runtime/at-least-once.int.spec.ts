import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { startLogWorld } from './log-world.fixture.ts';
import { startStreamsProcess } from './streams-process.fixture.ts';

const lines = 10;

describe('a word count with at_least_once whose process dies before it commits its offsets', () => {
  it('T18 counts the same lines again', async () => {
    await using world = await startLogWorld();
    await world.createTopic('input', 1);
    await world.createTopic('output', 1);
    await world.send(Array.from({ length: lines }, () => ({ topic: 'input', key: 'k', value: 'hello' })));
    const start = (...death: readonly string[]) =>
      startStreamsProcess(
        './counting.program.ts',
        [world.bootstrapServers[0]!, 'repeated', join(world.folder, 'state'), 'input', 'output', ...death],
        { GUARANTEE: 'at_least_once' },
      );
    const lastCount = async () => Number((await world.committed('output')).at(-1)?.value?.readBigInt64BE());
    {
      await using dying = start('log', '1');
      await dying.ended();
    }
    await using last = start();
    await last.line();

    // The first process may have died after some of the lines. Those lines are repeated.
    expect(await until(lastCount, (count) => count > lines, 30_000)).toBeGreaterThan(lines);
  }, 60_000);
});
