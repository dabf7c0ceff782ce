import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, logFolder } from '../data-folder/log-folder.fixture.ts';

describe('producer ids after the loss of their file', () => {
  const suite = logFolder();

  it.each([
    ['3000', 3_001n],
    ['9223372036854775807', 0n],
  ])('begin after the highest one in the logs, unless a client invented it: %s', async (known, next) => {
    await appendAll(
      await suite.create(),
      batchOf(['a'], { producerId: BigInt(known), producerEpoch: 0, baseSequence: 0 }),
    );
    await suite.close();
    rmSync(join(suite.dataFolder, 'producer-ids'), { force: true });
    expect(await (await suite.open()).allocateProducerId()).toBe(next);
  });
});
