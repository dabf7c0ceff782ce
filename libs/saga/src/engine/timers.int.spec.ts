import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FencedError, type OwnedPartition } from '@millrace/streaming-core/consumer';
import { seconds } from '@millrace/streaming-core/runtime';
import { bookingEvents } from '../decision/sample-saga.fixture.ts';
import { openSagaWorld, until, type SagaWorld } from './saga-world.bench.ts';
import type { SagaEngine } from './saga-engine.ts';

const timeout = seconds(30);

describe('the timers of sagas', () => {
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

  /** Owns the partition and has dealt with its first disruption, as after an assignment. */
  async function assigned(to: SagaEngine, owned: OwnedPartition = world.owned()) {
    to.ownership.onOwned?.(owned);
    await to.ownership.onDisrupted?.(owned);
    to.timers.start();
    return owned;
  }
  const sends = (id: string, count: number) =>
    until(async () => (await world.sent(id)).length === count, `${count} commands of ${id}`);
  /** Long enough for the driver to have looked several times; for what must not happen. */
  const severalLooks = async (owned: { asked: unknown[] }) => {
    const asked = owned.asked.length;
    await until(() => owned.asked.length > asked + 3, 'several looks at the timers');
  };

  /** For what must not happen: the driver looks every few milliseconds of it. */
  const aWhile = () => new Promise((resolve) => setTimeout(resolve, 100));

  it('send a silent step again with its id, then start the compensation', async () => {
    const id = await world.start(engine);
    await assigned(engine);
    for (let count = 2; count <= 4; count++) {
      world.time.advance(timeout);
      await sends(id, count);
    }
    const [first, second, third, compensation] = await world.sent(id);

    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(compensation).toMatchObject({ type: 'FreeRoom', causationid: first?.id });
    expect(await world.inspect(engine, id)).toMatchObject({
      status: 'compensating',
      reason: 'step_timeout',
      steps: [{ attempts: 3 }, {}, {}, {}, {}],
    });
  });

  it('do not fire before they are due, and are gone with the reply', async () => {
    const id = await world.start(engine);
    await assigned(engine);
    world.time.advance(timeout - 1);
    await world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked);
    const watched = await world.start(engine);
    world.time.advance(timeout);
    await sends(watched, 2); // by now the driver has looked at both

    expect((await world.sentTypes(id)).filter((type) => type === 'BookRoom')).toHaveLength(1);
  });

  it('carry the trace of the input that has set them: what is sent again, or undone, belongs to it', async () => {
    const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
    const id = await world.start(engine, undefined, trace);
    const untraced = await world.start(engine);
    await assigned(engine);
    for (let count = 2; count <= 4; count++) {
      world.time.advance(timeout);
      await sends(id, count);
      await sends(untraced, count);
    }
    const contexts = async (sagaId: string) =>
      (await world.database.sql.query('SELECT traceparent, headers FROM outbox WHERE key = $1', [sagaId]))
        .rows;

    expect(await contexts(id)).toEqual(
      [1, 2, 3, 4].map(() => ({ traceparent: trace.traceparent, headers: { tracestate: 'vendor=1' } })),
    );
    expect(await contexts(untraced)).toEqual([1, 2, 3, 4].map(() => ({ traceparent: null, headers: {} })));
  });

  it('wait until the replies that wait on the log have been taken', async () => {
    let caughtUp = false;
    const id = await world.start(engine);
    const owned = world.owned({ caughtUp: async () => caughtUp });
    await assigned(engine, owned);
    world.time.advance(timeout);
    await severalLooks(owned);
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);

    caughtUp = true;
    await sends(id, 2);
    expect(owned.asked.at(-1)).toEqual(['trip-events', 'booking-events']);
  });

  it('fire only for the owner of the partition', async () => {
    const id = await world.start(engine);
    const elsewhere = { ...world.owned(), partition: 4 };
    const otherTopic = { ...world.owned(), topic: 'booking-events' };
    await assigned(engine, elsewhere);
    await assigned(engine, otherTopic);
    world.time.advance(timeout);
    const own = world.owned();
    engine.ownership.onOwned?.(own);
    await engine.ownership.onLost?.(own);
    await aWhile();

    expect(elsewhere.asked).toEqual([]);
    expect(otherTopic.asked).toEqual([]);
    expect(own.asked).toEqual([]);
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('that fell due before an assignment are granted their timeout anew, once', async () => {
    const id = await world.start(engine);
    world.time.advance(timeout * 10);
    await assigned(engine);

    expect(await world.dueAt(id)).toEqual([world.time.now() + timeout]);
    world.time.advance(timeout);
    await sends(id, 2);
  });

  it('are moved even when the runtime never says that the assignment was a disruption', async () => {
    const id = await world.start(engine);
    world.time.advance(timeout * 10);
    engine.ownership.onOwned?.(world.owned());
    engine.timers.start();

    await until(async () => (await world.dueAt(id))[0] === world.time.now() + timeout, 'the move');
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('that fell due before a fetch failed are granted their timeout anew; those that did not stay', async () => {
    let caughtUp = false;
    const owned = world.owned({ caughtUp: async () => caughtUp });
    const late = await world.start(engine);
    await assigned(engine, owned);
    world.time.advance(seconds(10));
    const fresh = await world.start(engine);
    const before = await world.dueAt(fresh);
    world.time.advance(seconds(20));
    await engine.ownership.onDisrupted?.(owned);
    caughtUp = true;

    expect(await world.dueAt(late)).toEqual([world.time.now() + timeout]);
    expect(await world.dueAt(fresh)).toEqual(before);
  });

  it('do not fire while a row of theirs is still to be moved', async () => {
    const id = await world.start(engine);
    const owned = world.owned();
    world.time.advance(timeout * 2);
    const busy = await world.database.pool.connect();
    try {
      await busy.query('BEGIN');
      await busy.query('SELECT 1 FROM saga_timer WHERE saga_id = $1 FOR UPDATE', [id]); // a batch is about to commit its reply
      await assigned(engine, owned);
      expect(await world.dueAt(id)).not.toEqual([world.time.now() + timeout]);
    } finally {
      await busy.query('ROLLBACK');
      busy.release();
    }
    await until(
      async () => (await world.dueAt(id))[0] === world.time.now() + timeout,
      'the move after the batch',
    );
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('take the streams before their row, as a reply does, and are checked again there', async () => {
    const id = await world.start(engine);
    const owned = world.owned();
    const statements: string[] = [];
    let moves = true;
    await assigned(engine, {
      ...owned,
      transaction: (work) =>
        owned.transaction(async (transaction) => {
          if (moves)
            await world.database.sql.query(
              "UPDATE saga_timer SET due_at = due_at + interval '1 hour' WHERE saga_id = $1",
              [id],
            );
          return work({ query: (text, values) => (statements.push(text), transaction.query(text, values)) });
        }),
    });
    statements.length = 0;
    await world.database.sql.query('UPDATE saga_timer SET due_at = $2 WHERE saga_id = $1', [
      id,
      new Date(world.time.now()),
    ]);
    await until(() => statements.length >= 2, 'a look');

    expect(statements).toEqual([
      expect.stringContaining('lock_and_load'),
      expect.stringContaining('FROM saga_timer'),
    ]);
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
    moves = false;
    world.time.advance(seconds(3_600));
    await sends(id, 2);
  });

  it('fire through the partition that they belong to', async () => {
    const here = await world.start(engine);
    const there = await world.start(engine, undefined, { partition: 4 });
    const refuses = { ...world.owned(), caughtUp: async () => false };
    await assigned(engine, refuses);
    await assigned(engine, { ...world.owned(), partition: 4 });
    world.time.advance(timeout);
    await sends(there, 2);
    await aWhile();

    expect(await world.sentTypes(here)).toEqual(['BookRoom']);
  });

  it('send a compensation again and again, and ask for attention until it is answered', async () => {
    const patient = open({ settings: { attemptsBeforeAttention: 2 } });
    const id = await world.start(patient);
    await world.answer(patient, id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(patient, id, 'BookSeat', bookingEvents.SeatRefused, { reason: 'no_seat' });
    await assigned(patient);
    for (let count = 4; count <= 6; count++) {
      world.time.advance(timeout * 4);
      await sends(id, count);
    }
    const alarms = async () =>
      (
        await world.database.sql.query('SELECT 1 FROM saga_instance WHERE saga_id = $1 AND needs_attention', [
          id,
        ])
      ).rowCount;

    expect(await world.inspect(patient, id)).toMatchObject({
      status: 'needs_attention',
      compensations: [{ name: 'room', attempts: 4 }],
    });
    expect(await alarms()).toEqual(1);
    expect(world.warnings).toEqual(['saga needs attention']);
    await world.answer(patient, id, 'FreeRoom', bookingEvents.RoomFreed);
    expect(await world.inspect(patient, id)).toMatchObject({ status: 'closing' });
    expect(await alarms()).toBe(0);
  });

  it('have one effect when two owners race', async () => {
    const id = await world.start(engine);
    const other = open();
    await Promise.all([assigned(engine), assigned(other)]);
    world.time.advance(timeout);
    await sends(id, 2);
    world.time.advance(timeout);
    await sends(id, 3);

    expect(await world.inspect(engine, id)).toMatchObject({ steps: [{ attempts: 3 }, {}, {}, {}, {}] });
    expect((await world.sent(id)).length).toBe(3);
  });

  it('resume in a new process', async () => {
    const id = await world.start(engine);
    await assigned(engine);
    world.time.advance(timeout);
    await sends(id, 2);
    await engine.timers.stop();
    const next = open();
    await assigned(next, { ...world.owned(), epoch: 2n });
    world.time.advance(timeout);
    await sends(id, 3);

    expect(await world.inspect(next, id)).toMatchObject({ steps: [{ attempts: 3 }, {}, {}, {}, {}] });
  });

  it('keep the moment they were set for when the settings change; what follows goes by the settings of who fires them', async () => {
    const hasty = open({ settings: { stepTimeoutMs: seconds(2), resendsMax: 0 } });
    const ofPatient = await world.start(engine);
    const ofHasty = await world.start(hasty);
    expect(await world.dueAt(ofPatient)).toEqual([world.time.now() + timeout]);
    expect(await world.dueAt(ofHasty)).toEqual([world.time.now() + seconds(2)]);

    const owned = await assigned(engine);
    world.time.advance(seconds(2));
    await sends(ofHasty, 2); // with two re-sends it is not given up any more
    expect(await world.dueAt(ofHasty)).toEqual([world.time.now() + timeout]);
    await engine.ownership.onLost?.(owned);
    await assigned(hasty);
    world.time.advance(timeout - seconds(2));
    await until(
      async () => (await world.sentTypes(ofPatient)).includes('FreeRoom'),
      'the step to be given up without a re-send',
    );

    expect(await world.sentTypes(ofPatient)).toEqual(['BookRoom', 'FreeRoom']);
    expect(await world.sentTypes(ofHasty)).toEqual(['BookRoom', 'BookRoom']);
  });

  it('of a fenced owner do nothing', async () => {
    const id = await world.start(engine);
    let fenced = false;
    const owned = world.owned();
    await assigned(engine, {
      ...owned,
      transaction: (work) =>
        fenced ? Promise.reject(new FencedError('another owner')) : owned.transaction(work),
    });
    fenced = true;
    world.time.advance(timeout);
    await until(() => world.warnings.length > 0, 'a warning');
    expect(world.warnings).not.toContain('a saga timer did not fire; postponed');

    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('that fail are postponed and hold up no other', async () => {
    const failing = await world.start(engine);
    await world.answer(engine, failing, 'BookRoom', bookingEvents.RoomBooked);
    await world.database.sql.query('DELETE FROM guest WHERE trip = $1', [failing]); // BookSeat cannot be built any more
    const fine = await world.start(engine);
    await assigned(engine);
    world.time.advance(timeout);
    await sends(fine, 2);

    expect(world.warnings).toContain('a saga timer did not fire; postponed');
    expect(await world.dueAt(failing)).toEqual([world.time.now() + seconds(5)]);
    await world.database.sql.query('INSERT INTO guest VALUES ($1, $2)', [failing, 'Ada Lovelace']);
    world.time.advance(seconds(5));
    await sends(failing, 3);
  });

  it('are all fired, however many are due at once', async () => {
    const ids = await Promise.all(Array.from({ length: 25 }, () => world.start(engine)));
    await assigned(open({ settings: { timerBatchMax: 10 } }));
    world.time.advance(timeout);

    for (const id of ids) await sends(id, 2);
  });

  it('stop when asked, and when the partition is lost', async () => {
    const id = await world.start(engine);
    const owned = await assigned(engine);
    await engine.ownership.onLost?.(owned);
    world.time.advance(timeout);
    await aWhile();
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);

    await engine.timers.stop();
    await engine.timers.stop();
    await engine.ownership.onDisrupted?.(owned); // a message that crossed with the loss
    engine.ownership.onOwned?.({ ...owned, epoch: 2n });
    await aWhile();
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
  });
});
