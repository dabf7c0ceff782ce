import { describe, expect, it } from '@jest/globals';
import { seconds } from '@millrace/streaming-core/runtime';
import { until } from './saga-world.bench.ts';
import { timerBench, timeout } from './timers.bench.ts';

describe('the timers of sagas after a disruption', () => {
  const bench = timerBench();

  it('that fell due before an assignment are granted their timeout anew, once', async () => {
    const id = await bench.world.start(bench.engine);
    bench.world.time.advance(timeout * 10);
    await bench.assigned(bench.engine);

    expect(await bench.world.dueAt(id)).toEqual([bench.world.time.now() + timeout]);
    bench.world.time.advance(timeout);
    await bench.sends(id, 2);
  });

  it('are moved even when the runtime never says that the assignment was a disruption', async () => {
    const id = await bench.world.start(bench.engine);
    bench.world.time.advance(timeout * 10);
    bench.engine.ownership.onOwned?.(bench.world.owned());
    bench.engine.timers.start();

    await until(
      async () => (await bench.world.dueAt(id))[0] === bench.world.time.now() + timeout,
      'the move',
    );
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('that fell due before a fetch failed are granted their timeout anew; those that did not stay', async () => {
    let caughtUp = false;
    const owned = bench.world.owned({ caughtUp: async () => caughtUp });
    const late = await bench.world.start(bench.engine);
    await bench.assigned(bench.engine, owned);
    bench.world.time.advance(seconds(10));
    const fresh = await bench.world.start(bench.engine);
    const before = await bench.world.dueAt(fresh);
    bench.world.time.advance(seconds(20));
    await bench.engine.ownership.onDisrupted?.(owned);
    caughtUp = true;

    expect(await bench.world.dueAt(late)).toEqual([bench.world.time.now() + timeout]);
    expect(await bench.world.dueAt(fresh)).toEqual(before);
  });

  it('do not fire while a row of theirs is still to be moved', async () => {
    const id = await bench.world.start(bench.engine);
    const owned = bench.world.owned();
    bench.world.time.advance(timeout * 2);
    const busy = await bench.world.database.pool.connect();
    try {
      await busy.query('BEGIN');
      await busy.query('SELECT 1 FROM saga_timer WHERE saga_id = $1 FOR UPDATE', [id]); // a batch is about to commit its reply
      await bench.assigned(bench.engine, owned);
      expect(await bench.world.dueAt(id)).not.toEqual([bench.world.time.now() + timeout]);
    } finally {
      await busy.query('ROLLBACK');
      busy.release();
    }
    await until(
      async () => (await bench.world.dueAt(id))[0] === bench.world.time.now() + timeout,
      'the move after the batch',
    );
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
  });
});
