import { expect, it } from '@jest/globals';
import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { openTestStreamApp, until } from '@millrace/testing/service';
import { settings } from './config.ts';
import { orders, placed } from './orders.fixture.ts';
import { recommendationModule } from './recommendation.module.ts';
import { refusedEvents } from './topology.ts';

it('T31 G28 recommends what others bought with it, changes after an order, skips foreign records, and is equal when its state was lost', async () => {
  await using app = await openTestStreamApp({
    name: 'recommendation',
    settings,
    module: recommendationModule,
  });
  const { declaration } = orderEvents;
  await app.admin.createTopics([declaration]);
  await app.admin.topics.create([{ name: refusedEvents, partitions: 1 }]);
  const send = (...events: readonly OrderEvent[]) =>
    app.producer.send(
      events.map((event) => ({ topic: declaration.name, key: event.orderId, value: JSON.stringify(event) })),
    );
  const foreign = ['x', '{"type":"OrderCreated"}', null];
  await app.producer.send(foreign.map((value) => ({ topic: declaration.name, key: 'k', value })));
  await send(...orders);

  const first = await app.start();
  const get = async (url: string, customerId: string) =>
    (await fetch(`${url}/recommendations/${customerId}`)).json();
  const becomes = (url: string, expected: object) =>
    until(
      () => get(url, 'ada'),
      (answer) => JSON.stringify(answer) === JSON.stringify(expected),
    );
  const beforeShade = {
    recent: ['lamp'],
    items: [
      { sku: 'bulb', boughtWith: 'lamp' },
      { sku: 'shade', boughtWith: 'lamp' },
    ],
  };
  const afterShade = { recent: ['shade', 'lamp'], items: [{ sku: 'bulb', boughtWith: 'lamp' }] };
  try {
    await becomes(first.url, beforeShade);
    await send(placed(4, 'ada', 'shade'));
    await becomes(first.url, afterShade);
    expect(await get(first.url, 'nobody')).toEqual({ recent: [], items: [] });
  } finally {
    await first.stop();
  }

  app.loseState();
  const again = await app.start();
  try {
    await becomes(again.url, afterShade);
  } finally {
    await again.stop();
  }
});
