import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, logFolder } from '../data-folder/log-folder.fixture.ts';

describe('producer ids whose file was lost', () => {
  const suite = logFolder();

  it.each([
    ['3000', 3_001n],
    ['9223372036854775807', 0n],
  ])('begin behind those that the logs know, unless a client made them up: %s', async (known, next) => {
    await appendAll(
      await suite.create(),
      batchOf(['a'], { producerId: BigInt(known), producerEpoch: 0, baseSequence: 0 }),
    );
    await suite.close();
    rmSync(join(suite.dataFolder, 'producer-ids'), { force: true });
    expect(await (await suite.open()).allocateProducerId()).toBe(next);
  });
});
