import { describe, expect, it } from '@jest/globals';
import { PersonalDataError } from '@millrace/streaming-core/personal';
import { seconds } from '@millrace/streaming-core/runtime';
import { until } from './saga-world.bench.ts';
import { timerBench, timeout } from './timers.bench.ts';

describe('the timers of sagas after a disruption', () => {
  const bench = timerBench();

  it('S06 are granted their timeout once more if they fell due before an assignment', async () => {
    const id = await bench.world.start(bench.engine);
    bench.world.time.advance(timeout * 10);
    await bench.assigned(bench.engine);

    expect(await bench.world.dueAt(id)).toEqual([bench.world.time.now() + timeout]);
    bench.world.time.advance(timeout);
    await bench.sends(id, 2);
  });

  it('are moved even if the runtime never reports the assignment as a disruption', async () => {
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

  it('S06 are granted their timeout once more only if they fell due before a fetch failed', async () => {
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

    // A poll that runs at the same time may move the timer instead, and commit a moment later.
    await until(
      async () => (await bench.world.dueAt(late))[0] === bench.world.time.now() + timeout,
      'the move',
    );
    expect(await bench.world.dueAt(fresh)).toEqual(before);
  });

  it('are moved again after a second disruption that came during the first move', async () => {
    const id = await bench.world.start(bench.engine);
    const owned = bench.world.owned();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let moves = 0;
    const slow = {
      ...owned,
      transaction: async (...given: Parameters<typeof owned.transaction>) => {
        const move = (moves += 1);
        if (move === 1) await held;
        if (move === 2) throw new Error('the database is unreachable');
        return owned.transaction(...given);
      },
    } as typeof owned;
    bench.engine.ownership.onOwned?.(slow);
    const first = bench.engine.ownership.onDisrupted?.(slow);
    await bench.engine.ownership.onDisrupted?.(slow); // this move fails
    release();
    await first;
    bench.world.time.advance(timeout);
    bench.engine.timers.start();

    await until(
      async () => (await bench.world.dueAt(id))[0] === bench.world.time.now() + timeout,
      'the second move',
    );
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('do not fire while one of them still has to be moved', async () => {
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

  it('all wait while the keys of personal data are unreachable, and none is postponed', async () => {
    let isDown = false;
    let failures = 0;
    const engine = bench.open({
      personal: () => {
        if (!isDown) return Promise.resolve({ guest: 'Ada' });
        failures += 1;
        return Promise.reject(new PersonalDataError('keys_unavailable', 'the keys are down'));
      },
    });
    const ids = [await bench.world.start(engine), await bench.world.start(engine)];
    isDown = true;
    await bench.assigned(engine);
    bench.world.time.advance(timeout);
    await until(() => failures >= 3, 'several attempts');
    isDown = false;

    for (const id of ids) await bench.sends(id, 2);
    expect(JSON.stringify(bench.world.warnings)).not.toContain('was postponed');
  });
});
