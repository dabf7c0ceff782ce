import { describe, expect, it } from '@jest/globals';
import { erased } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { seconds } from '@millrace/streaming-core/runtime';
import { bookingEvents } from '../decision/sample-saga.fixture.ts';
import { TIMERS_UNTIL } from '../postgres/saga.sql.ts';
import { throughSession, until } from './saga-world.bench.ts';
import { timerBench, timeout } from './timers.bench.ts';

describe('the timers of sagas', () => {
  const bench = timerBench();

  /** Waits until the driver has polled several times, to show that something does not happen. */
  const severalPolls = async (owned: { asked: unknown[] }) => {
    const asked = owned.asked.length;
    await until(() => owned.asked.length > asked + 3, 'several polls of the timers');
  };

  it('send an unanswered step again with its id, then start the compensation', async () => {
    const id = await bench.world.start(bench.engine);
    await bench.assigned(bench.engine);
    for (let count = 2; count <= 4; count++) {
      bench.world.time.advance(timeout);
      await bench.sends(id, count);
    }
    const [first, second, third, compensation] = await bench.world.sent(id);

    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(compensation).toMatchObject({ type: 'FreeRoom', causationid: first?.id });
    expect(await bench.world.inspect(bench.engine, id)).toMatchObject({
      status: 'compensating',
      reason: 'step_timeout',
      steps: [{ attempts: 3 }, {}, {}, {}, {}],
    });
  });

  it('undo a saga whose next command needs data that was erased', async () => {
    const erasing = bench.open({ personal: () => Promise.resolve(erased) });
    const id = await bench.world.start(erasing);
    await bench.assigned(erasing);
    await bench.world.answer(erasing, id, 'BookRoom', bookingEvents.RoomBooked);
    for (let count = 1; count <= 3; count++) {
      expect(await bench.world.inspect(erasing, id)).toMatchObject({ status: 'running' });
      bench.world.time.advance(timeout);
      await until(
        async () => (await bench.world.inspect(erasing, id))?.steps[1]?.attempts === Math.min(count + 1, 3),
        'another attempt',
      );
    }
    await bench.sends(id, 2);

    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom', 'FreeSeat']);
    expect(await bench.world.inspect(erasing, id)).toMatchObject({
      status: 'compensating',
      reason: 'step_timeout',
    });
  });

  it('do not fire before they are due, and are deleted by the reply', async () => {
    const id = await bench.world.start(bench.engine);
    await bench.assigned(bench.engine);
    bench.world.time.advance(timeout - 1);
    await bench.world.answer(bench.engine, id, 'BookRoom', bookingEvents.RoomBooked);
    const watched = await bench.world.start(bench.engine);
    bench.world.time.advance(timeout);
    await bench.sends(watched, 2); // by now the driver has polled both

    expect((await bench.world.sentTypes(id)).filter((type) => type === 'BookRoom')).toHaveLength(1);
  });

  it('carry the trace of the input that set them, which re-sends and compensations then continue', async () => {
    const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
    const id = await bench.world.start(bench.engine, undefined, trace);
    const untraced = await bench.world.start(bench.engine);
    await bench.assigned(bench.engine);
    for (let count = 2; count <= 4; count++) {
      bench.world.time.advance(timeout);
      await bench.sends(id, count);
      await bench.sends(untraced, count);
    }
    const contexts = async (sagaId: string) =>
      (
        await bench.world.database.sql.query(
          "SELECT traceparent, headers ->> 'tracestate' AS tracestate FROM outbox WHERE key = $1",
          [sagaId],
        )
      ).rows;

    expect(await contexts(id)).toEqual(Array(4).fill(trace));
    expect(await contexts(untraced)).toEqual(Array(4).fill({ traceparent: null, tracestate: null }));
  });

  it('S05 wait until the saga has handled the replies on the log', async () => {
    let caughtUp = false;
    const id = await bench.world.start(bench.engine);
    const owned = bench.world.owned({ caughtUp: async () => caughtUp });
    await bench.assigned(bench.engine, owned);
    bench.world.time.advance(timeout);
    await severalPolls(owned);
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);

    caughtUp = true;
    await bench.sends(id, 2);
    expect(owned.asked.at(-1)).toEqual(['trip-events', 'booking-events']);
  });

  it('S10 fire under load only if they came due by the moment that the owner has caught up to', async () => {
    const first = await bench.world.start(bench.engine);
    bench.world.time.advance(timeout / 2);
    const second = await bench.world.start(bench.engine);
    const [dueAtMs = 0] = await bench.world.dueAt(first);
    let caughtUpToMs = dueAtMs - 1;
    const owned = bench.world.owned();
    await bench.assigned(bench.engine, {
      ...owned,
      caughtUpTo: async (topics) => (owned.asked.push(topics), caughtUpToMs),
    });
    bench.world.time.advance(timeout);
    await severalPolls(owned);
    expect(await bench.world.sentTypes(first)).toEqual(['BookRoom']);

    caughtUpToMs = dueAtMs;
    await bench.sends(first, 2);
    await severalPolls(owned);
    expect(await bench.world.sentTypes(second)).toEqual(['BookRoom']);
    caughtUpToMs = Infinity;
    await bench.sends(second, 2);
  });

  it('are postponed after a failure only if no reply has set another one in the meantime', async () => {
    const id = await bench.world.start(bench.engine);
    const { sql } = bench.world.database;
    const owned = bench.world.owned();
    let calls = 0;
    let postponed = false;
    await bench.assigned(bench.engine, {
      ...owned,
      caughtUpTo: async () => (calls < 2 ? Infinity : -Infinity),
      async transaction(work) {
        calls += 1;
        if (calls === 2) {
          await sql.query("UPDATE saga_timer SET token = 'another' WHERE saga_id = $1", [id]);
          throw new Error('the database hung up');
        }
        const result = await owned.transaction(work);
        postponed = calls === 3;
        return result;
      },
    });
    const due = await bench.world.dueAt(id);
    bench.world.time.advance(timeout);
    await until(() => postponed, 'the timer to be postponed');

    expect(await bench.world.dueAt(id)).toEqual(due);
  });

  it('lock the streams before their row, as a reply does, and are then checked again', async () => {
    const id = await bench.world.start(bench.engine);
    const owned = bench.world.owned();
    const statements: string[] = [];
    let moves = true;
    await bench.assigned(bench.engine, {
      ...owned,
      transaction: (work) =>
        owned.transaction(async (transaction) => {
          if (moves)
            await bench.world.database.sql.query(
              "UPDATE saga_timer SET due_at = due_at + interval '1 hour' WHERE saga_id = $1",
              [id],
            );
          return work(
            transaction.withQuery((text, values) => (statements.push(text), transaction.query(text, values))),
          );
        }),
    });
    statements.length = 0;
    await bench.world.database.sql.query('UPDATE saga_timer SET due_at = $2 WHERE saga_id = $1', [
      id,
      new Date(bench.world.time.now()),
    ]);
    await until(() => statements.length >= 2, 'a poll');

    expect(statements).toEqual([
      expect.stringContaining('lock_and_load'),
      expect.stringContaining('FROM saga_timer'),
    ]);
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
    moves = false;
    bench.world.time.advance(seconds(3_600));
    await bench.sends(id, 2);
  });

  it('keep sending a compensation, and ask for attention until it is answered', async () => {
    const patient = bench.open({ settings: { attemptsBeforeAttention: 2 } });
    const id = await bench.world.start(patient);
    await bench.world.answer(patient, id, 'BookRoom', bookingEvents.RoomBooked);
    await bench.world.answer(patient, id, 'BookSeat', bookingEvents.SeatRefused, { reason: 'no_seat' });
    await bench.assigned(patient);
    for (let count = 4; count <= 6; count++) {
      bench.world.time.advance(timeout * 4);
      await bench.sends(id, count);
    }
    const alarms = async () =>
      (
        await bench.world.database.sql.query(
          'SELECT 1 FROM saga_instance WHERE saga_id = $1 AND needs_attention',
          [id],
        )
      ).rowCount;

    expect(await bench.world.inspect(patient, id)).toMatchObject({
      status: 'needs_attention',
      compensations: [{ name: 'room', attempts: 4 }],
    });
    expect(await alarms()).toEqual(1);
    expect(bench.world.warnings).toEqual(['saga needs attention']);
    await bench.world.answer(patient, id, 'FreeRoom', bookingEvents.RoomFreed);
    expect(await bench.world.inspect(patient, id)).toMatchObject({ status: 'closing' });
    expect(await alarms()).toBe(0);
  });

  it('keep their due time when the settings change, and then follow the settings of the process that fires them', async () => {
    const hasty = bench.open({ settings: { stepTimeoutMs: seconds(2), resendsMax: 0 } });
    const ofPatient = await bench.world.start(bench.engine);
    const ofHasty = await bench.world.start(hasty);
    expect(await bench.world.dueAt(ofPatient)).toEqual([bench.world.time.now() + timeout]);
    expect(await bench.world.dueAt(ofHasty)).toEqual([bench.world.time.now() + seconds(2)]);

    const owned = await bench.assigned(bench.engine);
    bench.world.time.advance(seconds(2));
    await bench.sends(ofHasty, 2); // with two re-sends it is no longer given up
    expect(await bench.world.dueAt(ofHasty)).toEqual([bench.world.time.now() + timeout]);
    await bench.engine.ownership.onLost?.(owned);
    await bench.assigned(hasty);
    bench.world.time.advance(timeout - seconds(2));
    await until(
      async () => (await bench.world.sentTypes(ofPatient)).includes('FreeRoom'),
      'the step to be given up without a re-send',
    );

    expect(await bench.world.sentTypes(ofPatient)).toEqual(['BookRoom', 'FreeRoom']);
    expect(await bench.world.sentTypes(ofHasty)).toEqual(['BookRoom', 'BookRoom']);
  });

  it('are postponed if they fail, and do not hold up others', async () => {
    const failing = await bench.world.start(bench.engine);
    await bench.world.answer(bench.engine, failing, 'BookRoom', bookingEvents.RoomBooked);
    await bench.world.database.sql.query('DELETE FROM guest WHERE trip = $1', [failing]); // BookSeat can no longer be built
    const fine = await bench.world.start(bench.engine);
    await bench.assigned(bench.engine);
    bench.world.time.advance(timeout);
    await bench.sends(fine, 2);

    const postponed = 'a saga timer failed and was postponed';
    await until(() => bench.world.warnings.includes(postponed), 'the warning');
    expect(await bench.world.dueAt(failing)).toEqual([bench.world.time.now() + seconds(5)]);
    await bench.world.database.sql.query('INSERT INTO guest VALUES ($1, $2)', [failing, 'Ada Lovelace']);
    bench.world.time.advance(seconds(5));
    await bench.sends(failing, 3);
  });

  it('R33 cause one log line while the database is unreachable, however often the driver polls', async () => {
    const { sql } = bench.world.database;
    let failures = 0;
    const away: SqlDatabase = {
      transaction: (work) => sql.transaction(work),
      query(text, values) {
        if (text !== TIMERS_UNTIL || failures >= 20) return sql.query(text, values);
        failures += 1;
        return Promise.reject(new Error('connect ECONNREFUSED'));
      },
    };
    const world = throughSession(bench.world, away);
    const engine = world.engine();
    const id = await bench.world.start(engine);
    await bench.assigned(engine);
    try {
      await until(() => failures === 20, '20 failed polls');
      bench.world.time.advance(timeout);
      await bench.sends(id, 2);
    } finally {
      await engine.timers.stop();
    }

    expect(world.warnings).toEqual(['saga timers could not be read; retrying']);
  });

  it('all fire, however many are due at once', async () => {
    const ids = await Promise.all(Array.from({ length: 25 }, () => bench.world.start(bench.engine)));
    await bench.assigned(bench.open({ settings: { timerBatchMax: 10 } }));
    bench.world.time.advance(timeout);

    for (const id of ids) await bench.sends(id, 2);
  });
});
