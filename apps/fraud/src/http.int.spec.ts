import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectLogReader } from '@millrace/streaming-core/client';
import { minutes, seconds, systemClock } from '@millrace/streaming-core/runtime';
import { readEvents } from '@millrace/testing/events';
import { openTestStreamApp, until, type TestStreamApp } from '@millrace/testing/service';
import { settings } from './config.ts';
import type { Transaction } from './domain/transaction.ts';
import { fraudModule } from './fraud.module.ts';
import { topics } from './topology.ts';
import { paid } from './transactions.fixture.ts';

let app: TestStreamApp;
beforeAll(async () => {
  const env = { FRAUD_GRACE_MS: '0' };
  app = await openTestStreamApp({ name: 'fraud', settings, module: fraudModule, env });
  await app.admin.topics.create(Object.values(topics).map((name) => ({ name, partitions: 2 })));
});
afterAll(async () => app[Symbol.asyncDispose]());

const send = (...transactions: readonly Transaction[]) =>
  app.producer.send(
    transactions.map((each) => ({
      topic: topics.transactions,
      key: each.cardId,
      value: JSON.stringify(each),
    })),
  );

const alertsOf = async (url: string, cardId: string) =>
  ((await (await fetch(`${url}/alerts?cardId=${cardId}`)).json()) as { readonly items: readonly object[] })
    .items;

/** The number of committed records of a topic. */
async function committedIn(topic: string): Promise<number> {
  await using reader = connectLogReader({
    bootstrapServers: [app.bootstrapServers],
    clientId: 'fraud-test',
    isolation: 'read_committed',
    fetchMaxWaitMs: 20,
  });
  await reader.identify([topic]);
  const places = [0, 1].map((partition) => ({ topic, partition, offset: 0n }));
  return (await reader.fetch(places)).reduce((sum, { records }) => sum + records.length, 0);
}

describe('the fraud app', () => {
  it('T27 G30 raises one alert even if its state is lost between two transactions, and rejects invalid records', async () => {
    const fromMs = systemClock.now() - minutes(10);
    const [de, fr, us] = ['DE 0:00', 'FR 0:01', 'US 0:02'].map((text, index) =>
      paid(text, `e${index}`, 'c', fromMs),
    );
    const first = await app.start();
    await send(de!, fr!);
    await app.producer.send([{ topic: topics.transactions, key: 'c', value: '{"cardId":"c"}' }]);
    await send(paid('US 99:00', 'tomorrow', 'c', fromMs));
    for (const key of ['d', null])
      await app.producer.send([{ topic: topics.transactions, key, value: JSON.stringify(us) }]);
    await until(
      () => committedIn(topics.refused),
      (count) => count === 4,
    );
    await first.stop();
    app.loseState();

    const second = await app.start();
    try {
      await send(us!, us!, paid('US 9:00', 'later', 'c', fromMs));
      const alerts = await until(
        () => alertsOf(second.url, 'c'),
        ({ length }) => length > 0,
      );

      expect(alerts).toEqual([
        {
          cardId: 'c',
          transactionIds: ['e0', 'e1', 'e2'],
          countries: ['DE', 'FR', 'US'],
          occurredAt: us!.occurredAt,
        },
      ]);
      expect(await committedIn(topics.alerts)).toBe(1);
      expect(await alertsOf(second.url, 'd')).toEqual([]);
    } finally {
      await second.stop();
    }
  });

  it('T35 G30 sends an alert to a client that follows, and to one that reconnects what it has missed', async () => {
    const startMs = systemClock.now() - minutes(1);
    const raiseAlert = (cardId: string, fromMs: number) =>
      send(
        ...['DE 0:00', 'FR 0:01', 'US 0:02', 'US 0:03'].map((text, index) =>
          paid(text, `${cardId}-${index}`, cardId, fromMs),
        ),
      );
    const first = await app.start();
    const client = await readEvents(`${first.url}/alerts/live`);
    try {
      await until(
        () => client.lastEventId,
        (id) => id !== undefined,
      );
      await raiseAlert('seen', startMs + seconds(10));
      const [alert] = await client.has(1);
      expect(alert).toMatchObject({
        event: 'alert',
        data: { cardId: 'seen', transactionIds: ['seen-0', 'seen-1', 'seen-2'] },
      });
    } finally {
      await first.stop();
    }
    expect(await client.ended).toBe('cleanly');

    const second = await app.start();
    try {
      await raiseAlert('missed', startMs + seconds(20));
      await until(
        () => alertsOf(second.url, 'missed'),
        ({ length }) => length > 0,
      );
      const again = await readEvents(`${second.url}/alerts/live`, { 'last-event-id': client.lastEventId! });
      await raiseAlert('next', startMs + seconds(30));
      const alerts = await again.has(2);
      expect(alerts.map(({ data }) => data.cardId)).toEqual(['missed', 'next']);

      const unknown = await readEvents(`${second.url}/alerts/live`, { 'last-event-id': 'e1' });
      expect((await unknown.has(4)).map(({ data }) => data.cardId)).toEqual(
        expect.arrayContaining(['seen', 'missed', 'next']),
      );
    } finally {
      await second.stop();
    }
  });
});
