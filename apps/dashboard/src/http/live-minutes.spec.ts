import { afterEach, describe, expect, it } from '@jest/globals';
import { alive, LiveAnswers, type LiveMessage } from '@millrace/service-chassis/http';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { TestResponse } from '@millrace/testing/test-response';
import { until } from '@millrace/testing/within';
import { LiveMinutes } from './live-minutes.ts';

const row = (page_url: string, page_views: number) => ({
  window_start: '2024-01-15T10:00:00.000Z',
  page_url,
  page_views,
  unique_visitors: 1,
  open: true,
  late_views: 0,
});

let rows: ReadonlyArray<ReturnType<typeof row>> | Error = [];

function liveMinutes({ liveEventsMax = 10, liveEventsStallMsMax = 10_000 } = {}) {
  const limits = {
    liveEventsMax,
    liveEventsStallMsMax,
    liveEventsHeartbeatMs: 5_000,
    liveEventsLifetimeMs: 60_000,
  };
  const answers = new LiveAnswers({ limits, logger: silentLogger, heartbeat: alive });
  opened.push(answers);
  const table = { since: async () => (rows instanceof Error ? Promise.reject(rows) : rows) };
  const age = { stale: null };
  const live = new LiveMinutes({ table, answers, age, clock: systemClock, logger: silentLogger });
  return {
    write(written: typeof rows) {
      rows = written;
      live.written();
    },
    follow() {
      const response = new TestResponse();
      const messages: LiveMessage[] = [];
      answers.enter(response.raw);
      live.follow(response.raw).subscribe((message) => messages.push(message));
      return { response, messages };
    },
  };
}
const opened: LiveAnswers[] = [];
afterEach(() => {
  for (const answers of opened.splice(0)) answers.stop();
  rows = [];
});

const sent = (messages: readonly LiveMessage[], count: number) =>
  until(
    () => messages,
    ({ length }) => length >= count,
  );

describe('T30 a client of the live minutes', () => {
  it('gets a snapshot, then only the rows that differ and those that are gone', async () => {
    rows = [row('/home', 1), row('/cart', 1)];
    const { write, follow } = liveMinutes();
    const { messages } = follow();
    await sent(messages, 1);
    write([row('/home', 2)]);
    await sent(messages, 2);

    const gone = { window_start: '2024-01-15T10:00:00.000Z', page_url: '/cart' };
    expect(messages).toEqual([
      { type: 'snapshot', data: { minutes: [row('/home', 1), row('/cart', 1)], gone: [], stale: null } },
      { type: 'change', data: { minutes: [row('/home', 2)], gone: [gone], stale: null } },
    ]);
  });

  it('gets one change for many if it reads slowly', async () => {
    const { write, follow } = liveMinutes();
    const { response, messages } = follow();
    const other = follow();
    response.isFull = true;
    await sent(messages, 1);
    for (const views of [1, 2, 3]) {
      write([row('/home', views)]);
      await sent(other.messages, views + 1);
    }
    expect(messages).toHaveLength(1);

    response.isFull = false;
    response.emit('drain');
    await sent(messages, 2);
    expect(messages[1]).toEqual({
      type: 'change',
      data: { minutes: [row('/home', 3)], gone: [], stale: null },
    });
  });

  it('T36 learns that the figures are old because the database does not answer, and when it does again', async () => {
    rows = new Error('connection refused');
    const { write, follow } = liveMinutes();
    const { messages } = follow();
    const old = { reason: 'the database does not answer', since: expect.any(String) };
    await sent(messages, 1);
    write([row('/home', 1)]);
    await sent(messages, 2);
    write(new Error('connection refused'));
    await sent(messages, 3);
    write([row('/home', 1)]);
    await sent(messages, 4);

    expect(messages).toEqual([
      { type: 'change', data: { minutes: [], gone: [], stale: old } },
      { type: 'snapshot', data: { minutes: [row('/home', 1)], gone: [], stale: null } },
      { type: 'change', data: { minutes: [], gone: [], stale: old } },
      { type: 'change', data: { minutes: [], gone: [], stale: null } },
    ]);
  });

  it('is disconnected if it reads nothing', async () => {
    const { follow } = liveMinutes({ liveEventsStallMsMax: 20 });
    const { response } = follow();
    response.isFull = true;
    await until(
      () => response.isDestroyed,
      (isDestroyed) => isDestroyed,
    );
  });

  it('is refused above the limit, until another client leaves', () => {
    const { follow } = liveMinutes({ liveEventsMax: 1 });
    const { response } = follow();
    expect(() => follow()).toThrow('too_many_live_events');
    response.destroy();
    expect(follow).not.toThrow();
  });
});
