import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lockStreams } from '@millrace/event-sourcing';
import { setTimer } from '@millrace/saga';
import { until } from '@millrace/testing/service';
import { callOps } from '../../ops/ops-call.fixture.ts';
import { visit, visitStream } from '../../sample/visit.fixture.ts';
import { openVisits, type Visits } from '../../sample/visits.fixture.ts';
import type { ServiceProcess } from './saga.module.ts';

/** Cancels a visit that has been planned for too long. */
const expiry: ServiceProcess = {
  name: 'expiry',
  startTopic: 'visit-events',
  topics: [],
  shortestMs: 1_000,
  locks: (id) => [visitStream(id)],
  async fire(commands, cause, { id }) {
    await commands.handle(cause, visit, visitStream(id), { type: 'Cancel', visitId: id });
    return undefined;
  },
};

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits({ SAGA_STEP_TIMEOUT_MS: '1000' }, undefined, [expiry]);
});
afterAll(() => visits.close());

/** Sets the timer under the lock of the stream, on the partition of the visit's messages. */
async function expires(visitId: string) {
  const { sql } = visits.database;
  const partition = await until(
    async () =>
      (
        await sql.query<{ partition: number | null }>(
          'SELECT partition FROM saga_instance WHERE saga_id = $1',
          [visitId],
        )
      ).rows[0]?.partition ?? undefined,
    (found) => found !== undefined,
  );
  await sql.transaction(async (transaction) => {
    await lockStreams(transaction, [visitStream(visitId)]);
    await setTimer(transaction, expiry, {
      id: visitId,
      timer: 'deadline',
      afterMs: 1,
      now: Date.now(),
      partition,
      metadata: { correlationId: 'story', causationId: 'asked' },
    });
  });
}

describe('a timed process of a service', () => {
  it("decides on the service's stream, in the name of the process and with the timer's cause", async () => {
    const visitId = await visits.planned();
    await expires(visitId);
    const cancelled = await until(
      async () =>
        (await visits.published('visit-events', visitId)).find(
          ({ message }) => message.type === 'VisitCancelled',
        ),
      (message) => message !== undefined,
    );

    expect(Object.fromEntries(cancelled?.headers ?? [])).toMatchObject({
      ce_saga: 'expiry',
      ce_correlationid: 'story',
      ce_causationid: 'asked',
    });
    expect((await visits.call('GET', `/visits/${visitId}`)).body).toMatchObject({ status: 'cancelled' });
  });

  it('is no saga to operators', async () => {
    const visitId = await visits.planned();
    await expires(visitId);
    const { body } = await callOps(visits.service(), '/ops/sagas?state=running');

    expect(body.items?.map(({ definition }) => definition)).not.toContain('expiry');
    expect((await callOps(visits.service(), `/ops/sagas/expiry/${visitId}`)).status).toBe(404);
  });
});
