import { beforeAll, describe, expect, it } from '@jest/globals';
import { compile, type Complaint } from './compile.fixture.ts';

interface Mistake extends Complaint {
  readonly source: string;
}
const notCallable = (sentence: string) => ({
  code: 2349,
  says: `Type 'Mistake<"${sentence}">' has no call signatures.`,
});
const needsRejected = (name: string) => ({
  code: 2345,
  says: `Argument of type '"${name}"' is not assignable to parameter of type '"ERROR: ${name} needs the option rejected"'.`,
});
const notAPath = (type: string) => `Type '${type}' is not assignable to type 'PathThatJoinsOrFails'.`;
const claimed = (type: string) =>
  `required in type 'Mistake<"${type} belongs to another part of the saga already">'.`;

const secondMeaning = (type: string) =>
  `required in type 'Mistake<"${type} means something else in this part already">'.`;

const mistakes: Readonly<Record<string, Mistake>> = {
  'a compensatable step without a compensation': {
    source: `begin().step('room', { accepted: rooms.RoomBooked, rejected: rooms.RoomRefused, compensated: rooms.RoomFreed, command: bookRoom });`,
    code: 2345,
    says: `Property 'compensation' is missing in type`,
  },
  'a step without a rejection, in a whole definition': {
    source: `begin().step('room', { accepted: rooms.RoomBooked, compensation: freeRoom, compensated: rooms.RoomFreed, command: bookRoom })
      .step('car', { ...car, command: bookCar })
      .pivot('confirm', { ...confirmed, command: confirm })
      .whenCompensated(({ failure }) => commands.CloseTrip({ tripId: '', reason: failure.reason }), { accepted: trips.TripClosed });`,
    ...needsRejected('room'),
  },
  'a step of a group without a rejection': {
    source: `booked().parallel((group) => group.step('car', { accepted: cars.CarBooked, compensation: freeRoom, compensated: cars.CarFreed, command: bookCar }));`,
    ...needsRejected('car'),
  },
  'a pivot without a rejection': {
    source: `booked().pivot('confirm', { accepted: trips.TripConfirmed, command: confirm });`,
    ...needsRejected('confirm'),
  },
  'a compensation without the reply that ends it': {
    source: `begin().step('room', { accepted: rooms.RoomBooked, rejected: rooms.RoomRefused, compensation: freeRoom, command: bookRoom });`,
    code: 2345,
    says: `Property 'compensated' is missing in type`,
  },
  'a compensatable step after the pivot': {
    source: `pivoted().step('car', { ...car, command: bookCar });`,
    ...notCallable('nothing is undone after the pivot: use retriable'),
  },
  'a compensatable step in a group after the pivot': {
    source: `pivoted().parallel((group) => group.step('car', { ...car, command: bookCar }));`,
    ...notCallable('nothing is undone after the pivot: use retriable'),
  },
  'a compensation after the pivot': {
    source: `pivoted().retriable('car', { accepted: cars.CarBooked, command: bookCar, compensation: freeRoom });`,
    code: 2322,
    says: `is not assignable to type 'Mistake<"nothing is undone after the pivot">'.`,
  },
  'a rejection after the pivot': {
    source: `pivoted().retriable('car', { accepted: cars.CarBooked, command: bookCar, rejected: cars.CarRefused });`,
    code: 2741,
    says: `required in type 'Mistake<"a step after the pivot cannot be rejected">'.`,
  },
  'a compensation of the pivot': {
    source: `booked().pivot('confirm', { ...confirmed, command: confirm, compensation: freeRoom });`,
    code: 2322,
    says: `is not assignable to type 'Mistake<"the pivot is never undone">'.`,
  },
  'a second pivot': {
    source: `pivoted().pivot('car', { accepted: cars.CarBooked, rejected: cars.CarRefused, command: bookCar });`,
    ...notCallable('a saga has one pivot'),
  },
  'a pivot in a group': {
    source: `booked().parallel((group) => group.pivot('confirm', { ...confirmed, command: confirm }));`,
    ...notCallable('a pivot stands outside of groups and paths'),
  },
  'a wait in a group': {
    source: `booked().parallel((group) => group.waitFor('car', {}));`,
    ...notCallable('put the wait after the group: a message that comes earlier is kept for it'),
  },
  'a delay in a group': {
    source: `booked().parallel((group) => group.delay('pause', minutes(1)));`,
    ...notCallable('put the delay before or after the group'),
  },
  'a branch in a group after the pivot': {
    source: `pivoted().parallel((group) => group.branch('far', {}));`,
    ...notCallable('put the branch before or after the group, or the group into a path of it'),
  },
  'a group in a group': {
    source: `booked().parallel((group) => group.parallel());`,
    ...notCallable('a group does not contain another: add its steps to this one'),
  },
  'an inform in a group': {
    source: `booked().parallel((group) => group.inform('car', { accepted: cars.CarBooked, command: bookCar }));`,
    ...notCallable('a group before the pivot has only steps: put inform before or after it'),
  },
  'an inform after the pivot': {
    source: `pivoted().inform('car', { accepted: cars.CarBooked, command: bookCar });`,
    ...notCallable('inform comes before the pivot: use retriable'),
  },
  'a rejection of an inform': {
    source: `booked().inform('car', { accepted: cars.CarBooked, rejected: cars.CarRefused, command: bookCar });`,
    code: 2741,
    says: `required in type 'Mistake<"inform cannot be rejected: use step">'.`,
  },
  'a wait with a rejection': {
    source: `booked().waitFor('car', { event: cars.CarBooked, rejected: cars.CarRefused, within: minutes(1), timedOut: (late) => late });`,
    code: 2741,
    says: `required in type 'Mistake<"a wait has refused instead of rejected">'.`,
  },
  'a wait without a timeout': {
    source: `booked().waitFor('car', { event: cars.CarBooked, within: minutes(1) });`,
    code: 2345,
    says: `Property 'timedOut' is missing in type`,
  },
  'one message with two meanings in a step': {
    source: `begin().step('room', { ...room, command: bookRoom, compensated: rooms.RoomBooked });`,
    code: 2322,
    says: secondMeaning('RoomBooked'),
  },
  'one message with two meanings in the pivot': {
    source: `booked().pivot('confirm', { accepted: trips.TripRefused, rejected: trips.TripRefused, command: confirm });`,
    code: 2322,
    says: secondMeaning('TripRefused'),
  },
  'one message with two meanings in a wait': {
    source: `booked().waitFor('car', { event: cars.CarRefused, refused: cars.CarRefused, within: minutes(1), timedOut: (late) => late });`,
    code: 2322,
    says: secondMeaning('CarRefused'),
  },
  'the result of a step in its compensation, if the step has none': {
    source: `begin().step('room', { accepted: rooms.RoomBooked, rejected: rooms.RoomRefused, compensated: rooms.RoomFreed, command: bookRoom,
      compensation: ({ results }) => commands.BookCar({ tripId: '', door: results.room }) });`,
    code: 2322,
    says: `Type 'Mistake<"room has no result: write the option result above compensation">' is not assignable to type 'string'.`,
  },
  'a pivot in a path': {
    source: `booked().branch('far', { when: () => true, then: (path) => path.pivot('confirm', { ...confirmed, command: confirm }) });`,
    ...notCallable('a pivot stands outside of groups and paths'),
  },
  'a retriable step before the pivot': {
    source: `booked().retriable('car', { accepted: cars.CarBooked, command: bookCar });`,
    ...notCallable('a retriable step comes after the pivot'),
  },
  'a path that fails after the pivot': {
    source: `pivoted().branch('far', { when: () => true, then: (path) => path.fail('abandoned') });`,
    ...notCallable('a saga cannot fail after the pivot'),
  },
  'a timeout that fails after the pivot': {
    source: `pivoted().waitFor('car', { event: cars.CarBooked, within: minutes(1), timedOut: (late) => late.fail('abandoned') });`,
    ...notCallable('a saga cannot fail after the pivot'),
  },
  'a result that does not exist yet': {
    source: `begin().step('car', { ...car, command: ({ results }) => commands.BookCar({ tripId: '', door: results.book.door }) });`,
    code: 2339,
    says: `Property 'book' does not exist on type`,
  },
  'the result of a step that is sent at the same time': {
    source: `begin().parallel((group) => group
      .step('room', { ...room, command: bookRoom, result: ({ door }) => door })
      .step('car', { ...car, command: ({ results }) => commands.BookCar({ tripId: '', door: results.room }) }));`,
    code: 2322,
    says: `Type 'Mistake<"room is sent at the same time, so its result is not there yet">' is not assignable to type 'string'.`,
  },
  'the result of a path as if the path were always taken': {
    source: `begin()
      .branch('far', { when: () => true, then: (path) => path.step('room', { ...room, command: bookRoom, result: ({ door }) => door }) })
      .step('car', { ...car, command: ({ results }) => commands.BookCar({ tripId: '', door: results.room }) });`,
    code: 2322,
    says: `Type 'string | undefined' is not assignable to type 'string'.`,
  },
  'the result of a step in its own compensation, which may come before the reply': {
    source: `begin().step('room', { accepted: rooms.RoomBooked, rejected: rooms.RoomRefused, compensated: rooms.RoomFreed, command: bookRoom,
      result: ({ door }) => door, compensation: ({ results }) => commands.FreeRoom({ tripId: results.room }) });`,
    code: 2322,
    says: `Type 'string | undefined' is not assignable to type 'string'.`,
  },
  'a result that JSON would change': {
    source: `begin().step('room', { ...room, command: bookRoom, result: () => ({ at: new Date() }) });`,
    code: 2322,
    says: `Type 'Date' is not assignable to type 'Json | undefined'.`,
  },
  'a reply of another step': {
    source: `booked().pivot('confirm', { accepted: rooms.RoomBooked, rejected: trips.TripRefused, command: confirm });`,
    code: 2322,
    says: claimed('RoomBooked'),
  },
  'a reply of another step of the group': {
    source: `begin().parallel((group) => group.step('room', { ...room, command: bookRoom }).step('car', { ...car, accepted: rooms.RoomBooked, command: bookCar }));`,
    code: 2322,
    says: claimed('RoomBooked'),
  },
  'a reply of the other path of a branch': {
    source: `begin().branch('far', {
      when: () => true,
      then: (path) => path.step('room', { ...room, command: bookRoom }),
      otherwise: (path) => path.step('car', { ...car, command: bookCar, accepted: rooms.RoomBooked }),
    });`,
    code: 2322,
    says: claimed('RoomBooked'),
  },
  'an event that is the reply of a step': {
    source: `booked().waitFor('room', { event: rooms.RoomBooked, within: minutes(1), timedOut: (late) => late });`,
    code: 2322,
    says: claimed('RoomBooked'),
  },
  'a name that is taken': {
    source: `booked().step('book', { ...car, command: bookCar });`,
    code: 2345,
    says: `"ERROR: the name book is taken already"`,
  },
  'a name that a path has taken': {
    source: `begin().branch('far', { when: () => true, then: (path) => path.step('room', { ...room, command: bookRoom }) }).delay('room', minutes(1));`,
    code: 2345,
    says: `"ERROR: the name room is taken already"`,
  },
  'a path that returns nothing': {
    source: `booked().branch('far', { when: () => true, then: (path) => { path.step('car', { ...car, command: bookCar }); } });`,
    code: 2719,
    says: notAPath('void'),
  },
  'a path that returns the flow around it': {
    source: `const outer = begin(); outer.branch('far', { when: () => true, then: () => outer });`,
    code: 2322,
    says: `is not assignable to type 'PathThatJoinsOrFails'.`,
  },
  'a timeout that returns nothing': {
    source: `booked().waitFor('car', { event: cars.CarBooked, within: minutes(1), timedOut: (late) => { late.fail('abandoned'); } });`,
    code: 2322,
    says: notAPath('void'),
  },
  'a group that returns nothing': {
    source: `booked().parallel((group) => { group.step('car', { ...car, command: bookCar }); });`,
    code: 2345,
    says: `Type 'void' is not assignable to type 'Group<`,
  },
  'a rejection without a reason': {
    source: `begin().step('room', { ...room, command: bookRoom, rejected: trips.TripAbandoned });`,
    code: 2322,
    says: `required in type 'Mistake<"a rejection needs a field reason">'.`,
  },
  'a reason of a cancellation that the closing command does not accept': {
    source: `booked().cancelledBy(trips.TripAbandoned, { reason: 'weather' }).whenCompensated(close, { accepted: trips.TripClosed });
      booked().cancelledBy(trips.TripAbandoned, { reason: 'weather' }).whenCompensated(
        ({ failure }) => commands.CloseTrip({ tripId: '', reason: failure.reason }), { accepted: trips.TripClosed });`,
    code: 2322,
    says: `Type '"weather"' is not assignable to type '"sold_out" | "full" | "step_timeout" | "abandoned"'.`,
  },
  'a reason of a path that fails, which the closing command does not accept': {
    source: `booked().waitFor('car', { event: cars.CarBooked, within: minutes(1), timedOut: (late) => late.fail('no_car') }).whenCompensated(
        ({ failure }) => commands.CloseTrip({ tripId: '', reason: failure.reason }), { accepted: trips.TripClosed });`,
    code: 2322,
    says: `Type '"no_car"' is not assignable to type '"sold_out" | "full" | "step_timeout" | "abandoned"'.`,
  },
  'a command that is on none of the topics': {
    source: `booked().pivot('confirm', { ...confirmed, command: () => elsewhere.Elsewhere({ tripId: '', other: '' }) });`,
    code: 2322,
    says: `Type 'Readonly<{ type: "Elsewhere"; } & { tripId: string; other: string; }>' is not assignable to type 'MessagesOf<`,
  },
  'a field that the personal data does not have': {
    source: `booked().step('car', { ...car, command: ({ personal }) => commands.BookCar({ tripId: '', door: personal.address }) });`,
    code: 2339,
    says: `Property 'address' does not exist on type '{ guest: string; }'.`,
  },
  'personal data of a definition that declares none': {
    source: `saga('bare', { version: 1, starts: trips.TripAsked, id: (trip) => trip.tripId, subject: 'trip', commands: [commands] })
      .step('car', { ...car, command: ({ personal }) => commands.BookCar({ tripId: '', door: personal.address }) });`,
    code: 2339,
    says: `Property 'address' does not exist on type 'Mistake<"the definition declares no personal data">'.`,
  },
  'a failure before anything has failed': {
    source: `booked().step('car', { ...car, command: ({ failure }) => commands.BookCar({ tripId: '', door: failure.reason }) });`,
    code: 2339,
    says: `Property 'failure' does not exist on type 'Source<`,
  },
};

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
