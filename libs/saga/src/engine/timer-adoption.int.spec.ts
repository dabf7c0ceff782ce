import { describe, expect, it } from '@jest/globals';
import { bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import { sagaFigures } from '../postgres/saga-figures.ts';
import { newTrip, partition } from './saga-world.bench.ts';
import { timerBench, timeout } from './timers.bench.ts';

const definitions = [{ ...trip, startsLocally: true }];

describe('S22 the timer of a saga that started locally', () => {
  const bench = timerBench();

  /** Starts a saga locally in a process that owns no partition. */
  async function started() {
    const id = newTrip();
    const message = await bench.world.write(bench.open({ definitions }), id);
    return { id, message };
  }
  async function owner() {
    const engine = bench.open({ definitions });
    await bench.assigned(engine);
    return engine;
  }
  const partitionsOf = async (id: string) =>
    (
      await bench.world.database.sql.query(
        `SELECT partition FROM saga_timer WHERE saga_id = $1
         UNION ALL SELECT partition FROM saga_instance WHERE saga_id = $1`,
        [id],
      )
    ).rows.map((row) => row.partition);

  it('does not fire until a message of the saga has been handled', async () => {
    const engine = await owner();
    const { id, message } = await started();
    bench.world.time.advance(timeout);
    await bench.aWhile();
    expect(await bench.world.sentTypes(id)).toEqual(['TripAsked', 'BookRoom']);

    await bench.world.deliver(engine, tripEvents.TripAsked, id, { city: 'Rome' }, message);
    bench.world.time.advance(timeout);
    await bench.sends(id, 3);
    expect(await bench.world.sentTypes(id)).toEqual(['TripAsked', 'BookRoom', 'BookRoom']);
  });

  it('gets its whole timeout again with the partition, since its command may have waited', async () => {
    const engine = bench.open({ definitions });
    const { id, message } = await started();
    bench.world.time.advance(2 * timeout);
    await bench.world.deliver(engine, tripEvents.TripAsked, id, { city: 'Rome' }, message);

    expect(await bench.world.dueAt(id)).toEqual([bench.world.time.now() + timeout]);
  });

  it('gets the partition from the first message that does not set it, and keeps its due time', async () => {
    const engine = bench.open({ definitions });
    const { id, message } = await started();
    await bench.world.deliver(engine, bookingEvents.CarBooked, id); // the reply to another command
    expect(await partitionsOf(id)).toEqual([partition, partition]);
    const due = await bench.world.dueAt(id);
    bench.world.time.advance(1_000);
    await bench.world.deliver(engine, tripEvents.TripAsked, id, { city: 'Rome' }, message);

    expect(await bench.world.dueAt(id)).toEqual(due);
  });

  it('belongs to the partition of the reply or cancellation that sets it', async () => {
    const engine = bench.open({ definitions });
    const { id: replied } = await started();
    const { id: cancelled } = await started();
    await bench.world.answer(engine, replied, 'BookRoom', bookingEvents.RoomBooked);
    await bench.world.deliver(engine, tripEvents.TripAbandoned, cancelled);

    expect(await partitionsOf(replied)).toEqual([partition, partition]);
    expect(await partitionsOf(cancelled)).toEqual([partition, partition]);
  });

  it('keeps its partition when it sends a command again', async () => {
    const engine = await owner();
    const { id, message } = await started();
    await bench.world.deliver(engine, tripEvents.TripAsked, id, { city: 'Rome' }, message);
    for (const count of [3, 4]) {
      bench.world.time.advance(timeout);
      await bench.sends(id, count);
    }

    expect((await partitionsOf(id))[0]).toBe(partition);
  });

  it('counts as unadopted and not as overdue once it is due', async () => {
    const { id, message } = await started();
    await bench.world.database.sql.query('UPDATE saga_timer SET due_at = now() - make_interval(secs => 90)');
    const { timers } = await sagaFigures(bench.world.database.sql);
    expect(timers).toEqual({
      overdue: 0,
      oldestOverdueMs: 0,
      unadopted: 1,
      oldestUnadoptedMs: expect.closeTo(90_000, -4),
    });

    await bench.world.deliver(
      bench.open({ definitions }),
      tripEvents.TripAsked,
      id,
      { city: 'Rome' },
      message,
    );
    expect((await sagaFigures(bench.world.database.sql)).timers.unadopted).toBe(0);
  });
});
