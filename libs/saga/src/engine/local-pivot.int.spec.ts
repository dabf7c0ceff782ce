import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalError } from '@millrace/streaming-core/consumer';
import { PersonalDataError } from '@millrace/streaming-core/personal';
import { type SqlDatabase, type SqlTransaction } from '@millrace/streaming-core/postgres';
import { gives, playSchedule, type Step } from '@millrace/testing/postgres';
import { bookingEvents, tripEvents, withLocalPivot } from '../decision/sample-saga.fixture.ts';
import { abandon, confirmLocally, localPivot } from './local-pivot.bench.ts';
import type { SagaEngine } from './saga-engine.ts';
import { openSagaWorld, throughSession, type SagaWorld } from './saga-world.bench.ts';

const booked = ['BookRoom', 'BookSeat', 'BookCar'];
const confirmed = [...booked, 'TripConfirmed', 'IssueTicket'];
const refused = [...booked, 'TripAbandoned', 'TripConfirmationRefused', 'FreeCar'];

describe('a pivot that its own service decides', () => {
  let world: SagaWorld;
  let engine: SagaEngine;

  beforeAll(async () => {
    world = await openSagaWorld();
    engine = world.engine(localPivot);
  });
  afterAll(() => world.close());

  /** Starts a saga whose next reply leads to the pivot. */
  async function nearPivot(of = engine) {
    const id = await world.start(of);
    await world.answer(of, id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(of, id, 'BookSeat', bookingEvents.SeatBooked);
    return id;
  }
  const lastReply = (id: string, of = engine) => world.answer(of, id, 'BookCar', bookingEvents.CarBooked);
  const takes = (id: string) => (sql: SqlDatabase) =>
    throughSession(world, sql).answer(engine, id, 'BookCar', bookingEvents.CarBooked);

  it('S24 is decided in the transaction of the reply that leads to it, with the next command', async () => {
    const id = await nearPivot();
    const statements: string[] = [];
    const counted = (transaction: SqlTransaction) =>
      transaction.withQuery((text, values) => (statements.push(text), transaction.query(text, values)));
    const { id: causationId } = (await world.sent(id)).at(-1)!;
    await world.deliver(engine, bookingEvents.CarBooked, id, {}, { causationId }, counted);

    expect(await world.sentTypes(id)).toEqual(confirmed);
    expect(statements).toHaveLength(6); // locks, personal data twice, events, saga rows, outbox
    expect(await world.inspect(engine, id)).toMatchObject({
      status: 'running',
      steps: [{}, {}, {}, { name: 'confirm', status: 'accepted', attempts: 1 }, { status: 'sent' }],
      timers: [{ step: 'ticket' }],
    });
  });

  it('S24 has the same events and the same causes as one that is sent', async () => {
    const id = await nearPivot();
    await lastReply(id);
    const [sent, accepted] = (await world.historyOf(id)).slice(-3) as {
      type: string;
      step: string;
      commandId: string;
      messageId?: string;
    }[];
    const [reply, ticket] = (await world.sent(id)).slice(-2);

    expect(sent).toMatchObject({ type: 'CommandSent', step: 'confirm' });
    expect(accepted).toMatchObject({ type: 'CommandAccepted', step: 'confirm', messageId: reply?.id });
    expect(reply).toMatchObject({ type: 'TripConfirmed', causationid: sent?.commandId });
    expect(ticket).toMatchObject({ type: 'IssueTicket', causationid: reply?.id });
  });

  it('S24 changes nothing when its reply arrives from the log', async () => {
    const id = await nearPivot();
    await lastReply(id);
    const before = await world.historyOf(id);
    const reply = (await world.sent(id)).find(({ type }) => type === 'TripConfirmed')!;
    const about = { id: reply.id, causationId: reply.causationid };
    await world.deliver(engine, tripEvents.TripConfirmed, id, {}, about);

    expect(await world.historyOf(id)).toEqual(before);
  });

  it('needs an engine that can decide it', () => {
    expect(() => world.engine({ definitions: [withLocalPivot] })).toThrow(
      'saga trip: version 1 has a local pivot: give the engine the option local',
    );
  });

  describe('S25 in a race with a cancellation', () => {
    /** The cancellation gets the lock first, and its transaction ends while the reply waits. */
    const afterCancellation = (id: string, ends: 'commits' | 'rolls back') =>
      playSchedule(world.database, [
        ['customer', 'begins'],
        ['customer', 'cancels', abandon(id), gives('accepted')],
        ['reply', 'is taken', takes(id), 'waits'],
        ['customer', ends],
        ['reply', 'goes on'],
      ]);
    /** The reply gets the lock first, and the cancellation waits. */
    const beforeCancellation = (id: string, ...end: readonly Step[]) =>
      playSchedule(world.database, [
        ['reply', 'begins'],
        ['reply', 'is taken', takes(id)],
        ['customer', 'cancels', abandon(id), 'waits'],
        ...end,
      ]);

    it('is rejected if the cancellation came first, and the saga compensates at once', async () => {
      const id = await nearPivot();
      await playSchedule(world.database, [
        ['customer', 'cancels', abandon(id), gives('accepted')],
        ['reply', 'is taken', takes(id)],
      ]);

      expect(await world.sentTypes(id)).toEqual(refused);
      expect(await world.inspect(engine, id)).toMatchObject({ status: 'compensating', reason: 'abandoned' });
      await world.deliver(engine, tripEvents.TripAbandoned, id);
      expect(await world.sentTypes(id)).toEqual(refused);
    });

    it('waits for a cancellation that holds the lock, and is rejected once it commits', async () => {
      const id = await nearPivot();
      await afterCancellation(id, 'commits');

      expect(await world.sentTypes(id)).toEqual(refused);
    });

    it('is accepted if the cancellation that holds the lock rolls back', async () => {
      const id = await nearPivot();
      await afterCancellation(id, 'rolls back');

      expect(await world.sentTypes(id)).toEqual(confirmed);
    });

    it('refuses a cancellation that waits for its lock', async () => {
      const id = await nearPivot();
      await beforeCancellation(id, ['reply', 'commits'], ['customer', 'goes on', gives('too_late')]);

      expect(await world.sentTypes(id)).toEqual(confirmed);
    });

    it('lets a cancellation that waits for its lock win if it rolls back', async () => {
      const id = await nearPivot();
      await beforeCancellation(
        id,
        ['reply', 'rolls back'],
        ['customer', 'goes on', gives('accepted')],
        ['reply', 'is taken', takes(id)],
      );

      expect(await world.sentTypes(id)).toEqual(refused);
    });

    it('refuses a cancellation that comes after it', async () => {
      const id = await nearPivot();
      await playSchedule(world.database, [
        ['reply', 'is taken', takes(id)],
        ['customer', 'cancels', abandon(id), gives('too_late')],
      ]);

      expect(await world.sentTypes(id)).toEqual(confirmed);
    });
  });

  describe('S26 that its service cannot decide', () => {
    let fault: Error | undefined;
    const faulty = () =>
      world.engine({
        ...localPivot,
        local: (transaction, command, name) =>
          fault === undefined ? confirmLocally(transaction, command, name) : Promise.reject(fault),
      });

    it.each([
      ['any error', new Error('no such trip')],
      ['a terminal error', new TerminalError('no such trip')],
    ])('makes the transaction of the reply fail with a retriable error, for %s', async (_, thrown) => {
      fault = thrown;
      const failing = faulty();
      const id = await nearPivot(failing);

      await expect(lastReply(id, failing)).rejects.not.toMatchObject({ code: 'terminal' });
      expect(await world.sentTypes(id)).toEqual(booked);
      fault = undefined;
      await lastReply(id, failing);
      expect(await world.sentTypes(id)).toEqual(confirmed);
    });

    it('makes the saga need attention at the fourth attempt, and is tried again by its timer', async () => {
      fault = new Error('no such trip');
      const failing = faulty();
      const id = await nearPivot(failing);
      for (let attempt = 1; attempt <= 3; attempt += 1)
        await expect(lastReply(id, failing)).rejects.toThrow('no such trip');
      await expect(lastReply(id, failing)).resolves.not.toThrow();
      expect(await world.inspect(failing, id)).toMatchObject({
        status: 'needs_attention',
        steps: [{}, {}, { status: 'accepted' }, { name: 'confirm', status: 'sent' }, {}],
        timers: [{ step: 'confirm', attempt: 1 }],
      });
      expect(await world.sentTypes(id)).toEqual(booked);

      fault = undefined;
      const owned = world.owned();
      failing.ownership.onOwned?.(owned);
      await failing.ownership.onDisrupted?.(owned);
      failing.timers.start();
      world.time.advance(30_000);
      await world.sends(id, confirmed.length);
      await failing.timers.stop();
      expect(await world.sentTypes(id)).toEqual(confirmed);
      expect(await world.inspect(failing, id)).toMatchObject({ status: 'running' });
    });

    const down = new PersonalDataError('keys_unavailable', 'the database of the keys is down');
    it.each([
      ['when it decides', () => Promise.reject(down)],
      [
        'when it writes',
        async (transaction: SqlTransaction) => {
          await transaction.collect({ rank: 9, write: () => Promise.reject(down) }, ['a message']);
          return [];
        },
      ],
    ])('has as many attempts as before if the keys of personal data are unreachable %s', async (_, fails) => {
      let isDown = true;
      const waiting = world.engine({
        ...localPivot,
        local: async (transaction, command, name) => {
          const written = await confirmLocally(transaction, command, name);
          if (isDown) await fails(transaction);
          return written;
        },
      });
      const id = await nearPivot(waiting);
      for (let attempt = 1; attempt <= 5; attempt += 1)
        await expect(lastReply(id, waiting)).rejects.toBe(down);

      isDown = false;
      await lastReply(id, waiting);
      expect(await world.sentTypes(id)).toEqual(confirmed);
      expect(await world.inspect(waiting, id)).toMatchObject({ status: 'running' });
    });

    it('fails with an error of its own if the decision has no reply', async () => {
      const silent = world.engine({ ...localPivot, local: () => Promise.resolve([]) });
      const id = await nearPivot(silent);

      await expect(lastReply(id, silent)).rejects.toMatchObject({
        code: 'local_step_failed',
        message: `saga trip ${id}: ConfirmTrip has no reply`,
      });
    });
  });
});
