import { describe, expect, it } from '@jest/globals';
import { hours } from '@millrace/streaming-core/runtime';
import { bookingCommands, bookingEvents, tripEvents } from '../decision/sample-saga.fixture.ts';
import { saga } from '../definition/saga.ts';
import { timerBench, timeout } from './timers.bench.ts';
import { until } from './saga-world.bench.ts';

/** It begins with a delay. */
const laterTrip = saga('later-trip', {
  version: 1,
  starts: tripEvents.TripAsked,
  id: ({ tripId }) => tripId,
  subject: 'trip',
  commands: [bookingCommands],
})
  .delay('rest', hours(1))
  .pivot('car', {
    command: ({ trip: { tripId } }) => bookingCommands.BookCar({ tripId }),
    accepted: bookingEvents.CarBooked,
    rejected: bookingEvents.CarRefused,
  })
  .whenCompensated(
    ({ trip: { tripId }, failure }) => bookingCommands.CloseTrip({ tripId, reason: failure.reason }),
    { accepted: tripEvents.TripClosed },
  );

const why = { actor: 'grace', reason: 'INC-9: the hotel is down' };

describe('sagas that an operator holds back as a whole', () => {
  const bench = timerBench();
  const commands = { kind: 'commands', name: 'booking-commands' } as const;
  const sql = () => bench.world.database.sql;
  /** Lets the engine read the present holds. */
  const seen = async () => {
    bench.world.time.advance(1_000);
    await bench.aWhile();
  };
  const dueAt = async (id: string) => (await bench.world.inspect(bench.engine, id))?.timers[0];

  it.each([commands, { kind: 'definition', name: 'trip' } as const])(
    'Z40 send nothing while the $kind $name is held back, and send it once it is released, without a timeout',
    async (held) => {
      const sent = await bench.world.start(bench.engine);
      await bench.assigned(bench.engine);
      await bench.engine.holds.hold(sql(), { ...held, ...why });
      await seen();
      const withheld = await bench.world.start(bench.engine);
      bench.world.time.advance(timeout * 10);
      await bench.aWhile();

      expect(await bench.world.sentTypes(withheld)).toEqual([]);
      expect(await bench.world.sentTypes(sent)).toEqual(['BookRoom']);
      expect(await dueAt(withheld)).toMatchObject({ step: 'room', withheld: true });
      const looked = (await bench.engine.operations.look(sql(), { sagaId: withheld }))!;
      expect(looked.steps[0]).toMatchObject({ name: 'room', status: 'withheld', sentAt: null });
      expect(looked.waitsFor).toMatchObject([
        { until: null, why: expect.stringContaining('An operator holds the command back') },
      ]);
      const before = (await bench.engine.operations.look(sql(), { sagaId: sent }))!;
      expect(before.holds).toEqual([{ ...held, ...why, heldAt: expect.stringMatching(/Z$/) }]);
      expect(before.waitsFor).toMatchObject([
        {
          until: null,
          why:
            'The saga has sent room once and has no reply. An operator holds it back, so it is neither sent ' +
            'again nor given up before the release',
        },
      ]);

      expect(await bench.engine.holds.release(sql(), held)).toBe(true);
      bench.world.time.advance(1_000);
      await bench.sends(withheld, 1);
      expect(await bench.world.inspect(bench.engine, sent)).toMatchObject({ status: 'running' });
      expect(await bench.engine.operations.look(sql(), { sagaId: sent })).toMatchObject({
        holds: [],
        waitsFor: [{ until: expect.stringMatching(/Z$/) }],
      });
      expect(await bench.world.sentTypes(sent)).toEqual(['BookRoom']);

      await bench.world.answer(bench.engine, withheld, 'BookRoom', bookingEvents.RoomBooked);
      await until(
        async () => (await bench.world.sentTypes(withheld)).includes('BookSeat'),
        'the next step of the saga',
      );
    },
  );

  it('say of a delay whose definition is held back that its time does not end before the release', async () => {
    const engine = bench.open({ definitions: [laterTrip] });
    const sagaId = await bench.world.start(engine);
    const look = async () => (await engine.operations.look(sql(), { sagaId }))!;
    const held = { kind: 'definition', name: laterTrip.name } as const;
    expect(await look()).toMatchObject({
      holds: [],
      waitsFor: [{ step: 'rest', until: expect.stringMatching(/Z$/) }],
    });

    await engine.holds.hold(sql(), { ...held, ...why });

    const then = 'An operator holds it back, so the time does not end before the release';
    expect(await look()).toMatchObject({
      holds: [{ ...held, ...why }],
      waitsFor: [{ step: 'rest', until: null, why: `The saga waits for a time. ${then}` }],
    });
    expect(await engine.holds.release(sql(), held)).toBe(true);
  });

  it('Z40 a process that fires no timers follows a hold and a release too', async () => {
    const api = bench.open();
    await bench.world.start(api); // the process has read that nothing is held back
    await bench.engine.holds.hold(sql(), { ...commands, ...why });
    bench.world.time.advance(1_000);
    const withheld = await bench.world.start(api);
    expect(await bench.world.sentTypes(withheld)).toEqual([]);

    await bench.engine.holds.release(sql(), commands);
    bench.world.time.advance(1_000);
    const sent = await bench.world.start(api);
    expect(await bench.world.sentTypes(sent)).toEqual(['BookRoom']);
  });

  it('are listed with actor and reason, are held back once, and a name that nobody knows is refused', async () => {
    await bench.engine.holds.hold(sql(), { ...commands, ...why });
    await bench.engine.holds.hold(sql(), { ...commands, actor: 'edith', reason: 'again' });
    expect(await bench.engine.holds.list(sql())).toEqual([
      { ...commands, ...why, heldAt: expect.stringMatching(/Z$/) },
    ]);
    expect(await bench.engine.holds.release(sql(), commands)).toBe(true);
    expect(await bench.engine.holds.release(sql(), commands)).toBe(false);
    await expect(
      bench.engine.holds.hold(sql(), { kind: 'definition', name: 'holiday', ...why }),
    ).rejects.toMatchObject({ code: 'unknown_hold', message: 'holiday is none of trip' });
  });
});
