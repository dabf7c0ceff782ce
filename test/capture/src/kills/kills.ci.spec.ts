import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { KillWorld } from './kill-run.ts';

describe('a worker that captures changes and is killed', () => {
  let world: KillWorld;
  beforeAll(async () => {
    world = await KillWorld.open();
  }, 120_000);
  afterAll(() => world?.close());

  it.each([seed, seed + 1, seed + 2])(
    'U01 loses nothing and repeats nothing, in the snapshot and in the stream, with seed %i',
    async (each) => {
      const { problems, records, kills } = await world.run(each);

      expect(problems).toEqual([]);
      expect(kills).toBeGreaterThan(1);
      expect(records).toBeGreaterThan(60);
    },
    180_000,
  );
});
