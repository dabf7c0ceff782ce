import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { OwnedPartition } from '@millrace/streaming-core/consumer';
import { seconds } from '@millrace/streaming-core/runtime';
import type { SagaEngine } from './saga-engine.ts';
import { openSagaWorld, until, type SagaWorld } from './saga-world.bench.ts';

/** Of every step of the sample saga that has none of its own. */
export const timeout = seconds(30);

/** A world for the tests of timers in one `describe`: its engines are stopped and its timers are gone after each test. */
export function timerBench() {
  let world: SagaWorld;
  let engine: SagaEngine;
  const engines: SagaEngine[] = [];
  const open = (...options: Parameters<SagaWorld['engine']>) => {
    const opened = world.engine(...options);
    engines.push(opened);
    return opened;
  };

  beforeAll(async () => void (world = await openSagaWorld()));
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.database.sql.query('TRUNCATE saga_timer');
    world.warnings.length = 0;
    engine = open();
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map(({ timers }) => timers.stop()));
  });

  return {
    get world() {
      return world;
    },
    /** One with the default settings, opened for each test. */
    get engine() {
      return engine;
    },
    open,
    /** Owns the partition and has dealt with its first disruption, as after an assignment. */
    async assigned(to: SagaEngine, owned: OwnedPartition = world.owned()) {
      to.ownership.onOwned?.(owned);
      await to.ownership.onDisrupted?.(owned);
      to.timers.start();
      return owned;
    },
    sends: (id: string, count: number) =>
      until(async () => (await world.sent(id)).length === count, `${count} commands of ${id}`),
    /** For what must not happen: the driver looks every few milliseconds of it. */
    aWhile: () => new Promise((resolve) => setTimeout(resolve, 100)),
  };
}
