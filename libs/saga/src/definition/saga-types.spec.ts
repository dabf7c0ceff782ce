import { beforeAll, describe, expect, it } from '@jest/globals';
import { compile } from './compile.fixture.ts';
import { mistakes } from './saga-mistakes.fixture.ts';

const before = `
  import { minutes } from '@millrace/streaming-core/runtime';
  import { saga } from './saga.ts';
  import { begin, booked, car, cars, commands, confirmed, elsewhere, room, rooms, trips } from './trip.fixture.ts';
  const bookRoom = () => commands.BookRoom({ tripId: '', city: '', guest: '' });
  const freeRoom = () => commands.FreeRoom({ tripId: '' });
  const bookCar = () => commands.BookCar({ tripId: '', door: '' });
  const confirm = () => commands.ConfirmTrip({ tripId: '' });
  const close = () => commands.CloseTrip({ tripId: '', reason: 'full' });
  const pivoted = () => booked().pivot('confirm', { ...confirmed, command: confirm });
`;
const noMistake = `pivoted()
  .cancelledBy(trips.TripAbandoned, { reason: 'abandoned' })
  .whenCompensated(close, { accepted: trips.TripClosed });`;

describe('the compiler', () => {
  const names = Object.keys(mistakes);
  let found: ReturnType<typeof compile>;
  beforeAll(() => {
    found = compile(
      [noMistake, ...Object.values(mistakes).map(({ source }) => source)].map((source) => before + source),
    );
  }, 120_000);

  it.each(names)('rejects %s, and says so', (name) => {
    const { code, says } = mistakes[name]!;
    expect(found[names.indexOf(name) + 1]).toEqual([{ code, says: expect.stringContaining(says) }]);
  });

  it('accepts a definition without a mistake', () => {
    expect(found[0]).toEqual([]);
  });
});
