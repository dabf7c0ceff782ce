import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { roomEvents } from '../sample/visit.fixture.ts';
import { openVisits, type Visits } from '../sample/visits.fixture.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits({
    SAGA_STEP_TIMEOUT_MS: '1000',
    SAGA_STEP_RESENDS: '20',
    RETRY_IN_PLACE_MS: '0',
    WATCH_EVERY_MS: '50',
    ALARM_HOLD_MS: '0',
    ALARM_PARKED_SECONDS: '1',
  });
});
afterAll(() => visits.close());

/** Makes the service fail when this saga takes the reply to a command, until the returned function is called. */
async function failingAnswersOf(visitId: string): Promise<() => Promise<unknown>> {
  const { sql } = visits.database;
  await sql.query(`
    CREATE FUNCTION refuse_answer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a bug that will be corrected'; END $$`);
  await sql.query(`
    CREATE TRIGGER refuse_answer BEFORE INSERT ON event FOR EACH ROW
    WHEN (NEW.stream = 'saga-hosting-${visitId}' AND NEW.type = 'CommandAccepted') EXECUTE FUNCTION refuse_answer()`);
  return () => sql.query('DROP TRIGGER refuse_answer ON event');
}

const requests = async (visitId: string) =>
  (await visits.published('room-commands', visitId)).filter(({ message }) => message.type === 'PrepareRoom')
    .length;

describe('a reply to a saga that cannot be handled yet', () => {
  it("is parked and keeps its saga's timer from firing; the saga ends once the fault is corrected", async () => {
    const visitId = await visits.planned();
    await visits.commanded('PrepareRoom', visitId);
    const corrected = await failingAnswersOf(visitId);
    await visits.answer('PrepareRoom', roomEvents.RoomPrepared({ visitId }));
    const ready = await until(visits.checks, ({ consumer }) =>
      JSON.stringify(consumer).includes('"parkedKeys":1'),
    );
    expect(ready['consumer']).toMatchObject({ details: { parkedMessages: 1, waitingForRoom: [] } });
    const sent = await requests(visitId);

    const silent = await visits.planned();
    await until(
      () => requests(silent),
      (count) => count >= 3,
    );
    expect(await requests(visitId)).toBe(sent);
    const alarmed = await until(visits.checks, ({ alarms }) => JSON.stringify(alarms).includes('parked_age'));
    expect(alarmed['alarms']).toMatchObject({
      details: { active: [{ alarm: 'parked_age', place: { group: 'visits', topic: 'room-events' } }] },
    });

    await corrected();
    await visits.answer('HandOverKey', roomEvents.KeyHandedOver({ visitId }));
    expect(await requests(visitId)).toBe(sent);
    expect(await visits.published('room-events.dlq', visitId)).toEqual([]);
  });
});
