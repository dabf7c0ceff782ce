import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { OwnedPartition } from '@millrace/streaming-core/consumer';
import { seconds } from '@millrace/streaming-core/runtime';
import type { SagaEngine } from './saga-engine.ts';
import { openSagaWorld, until, type SagaWorld } from './saga-world.bench.ts';

/** The timeout of every step of the sample saga that does not set one. */
export const timeout = seconds(30);

/**
 * Opens a world for the timer tests of one `describe`. Each test begins with one engine and without
 * timers.
 */
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
    /** An engine with the default settings, opened for each test. */
    get engine() {
      return engine;
    },
    open,
    /**
     * Gives an engine the partition and lets it settle the first disruption, as an assignment does.
     */
    async assigned(to: SagaEngine, owned: OwnedPartition = world.owned()) {
      to.ownership.onOwned?.(owned);
      await to.ownership.onDisrupted?.(owned);
      to.timers.start();
      return owned;
    },
    sends: (id: string, count: number) => world.sends(id, count),
    /**
     * Waits until another engine has polled several times, to show that something does not happen.
     * Every engine has then had the time for as many polls.
     */
    async aWhile() {
      let polls = 0;
      const { clock } = world.time;
      const other = open({ clock: { ...clock, after: (span, work) => (polls++, clock.after(span, work)) } });
      other.ownership.onOwned?.({ ...world.owned(), partition: 99 });
      other.timers.start();
      await until(() => polls >= 10, 'several polls of the timers');
    },
  };
}
