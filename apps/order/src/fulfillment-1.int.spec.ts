import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { notificationCommands, orderCommands } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ SAGA_START_VERSIONS: 'fulfillment=1' });
});
afterAll(() => order.close());

const { says } = participants(() => order);
const saga = async (orderId: string) => (await order.call('GET', `/sagas/${orderId}`)).body;
const mailOf = (orderId: string) => order.commanded(notificationCommands, 'SendOrderMail', orderId);

async function completedOrder() {
  const orderId = await order.placed();
  for (const say of [says.reserved, says.paid, says.scheduled]) await say(orderId);
  await order.endsAs(orderId, 'completed');
  return orderId;
}

describe('version 1 of the fulfillment', () => {
  it('completes its orders with CompleteOrder', async () => {
    const orderId = await completedOrder();
    const { headers } = await order.commanded(orderCommands, 'CompleteOrder', orderId);
    const [, done] = await order.story(orderId, 2);
    expect(done?.headers.get('ce_causationid')).toBe(headers.get('ce_id'));
    await says.committed(orderId);
    const { version } = await until(
      () => saga(orderId),
      ({ status }) => status === 'completed',
    );
    expect(version).toBe(1);
  });

  it('repeats its messages when CompleteOrder arrives again, and records nothing new', async () => {
    const orderId = await completedOrder();
    const { headers } = await order.commanded(orderCommands, 'CompleteOrder', orderId);
    const [, completed] = await order.story(orderId, 2);
    const mail = await mailOf(orderId);
    await order.send(orderCommands, orderCommands.CompleteOrder({ orderId }), {
      id: headers.get('ce_id') ?? '',
      source: headers.get('ce_source') ?? '',
    });
    await until(
      () => order.published('notification-commands', orderId),
      (mails) => mails.length === 2,
    );
    const story = await order.story(orderId, 3);
    expect(story.map(({ message }) => message.type)).toEqual([
      'OrderCreated',
      'OrderCompleted',
      'OrderCompleted',
    ]);
    expect(story[2]).toEqual(completed);
    expect((await order.published('notification-commands', orderId))[1]).toEqual(mail);
    expect(await order.view(orderId)).toMatchObject({ status: 'completed', version: 2 });
  });
});
