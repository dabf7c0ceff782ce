import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { days } from '@millrace/streaming-core/runtime';
import { bookingEvents, tripEvents } from '../decision/sample-saga.fixture.ts';
import { openSagaWorld, type SagaWorld } from './saga-world.bench.ts';

describe('the tables of sagas after weeks of use', () => {
  let world: SagaWorld;

  beforeAll(async () => void (world = await openSagaWorld()));
  afterAll(() => world.close());

  const count = async (table: string): Promise<number> =>
    Number((await world.database.sql.query(`SELECT count(*) FROM ${table}`)).rows[0]?.count);

  it('M31 hold no timer of an ended saga, but keep its instance and its stream', async () => {
    const engine = world.engine();
    for (let day = 1; day <= 15; day++) {
      world.time.advance(days(1));
      const done = await world.start(engine);
      await world.answer(engine, done, 'BookRoom', bookingEvents.RoomBooked);
      await world.answer(engine, done, 'BookSeat', bookingEvents.SeatBooked);
      await world.answer(engine, done, 'BookCar', bookingEvents.CarBooked);
      await world.answer(engine, done, 'ConfirmTrip', tripEvents.TripConfirmed);
      await world.answer(engine, done, 'IssueTicket', bookingEvents.TicketIssued);
      const refused = await world.start(engine);
      await world.answer(engine, refused, 'BookRoom', bookingEvents.RoomRefused, { reason: 'no_room' });
      await world.answer(engine, refused, 'CloseTrip', tripEvents.TripClosed, { reason: 'no_room' });

      expect(await count('saga_timer')).toBe(0);
      expect(await count('saga_instance')).toBe(2 * day);
      expect(await count('stream')).toBe(2 * day);
    }
  });
});
