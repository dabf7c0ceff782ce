import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readEvents, type EventReader } from '@millrace/testing/events';
import { openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ HTTP_WAIT_MS_MAX: '20000' });
});
afterAll(() => order.close());

const watch = (orderId: string, lastEventId?: string, url = order.service().url) =>
  readEvents(
    `${url}/orders/${orderId}/events`,
    lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  );
const told = ({ events }: EventReader) => events.map(({ id, event }) => [id, event]);
const cancel = (orderId: string) => order.call('POST', `/orders/${orderId}/cancel`);

const { completes } = participants(() => order);

const wholeStory = [
  ['1', 'OrderCreated'],
  ['2', 'OrderCompleted'],
  ['2', 'end'],
];

describe('the event stream of an order', () => {
  it('H01 sends each event as it happens, as /history shows it, and then ends', async () => {
    const orderId = await order.placed();
    const live = await watch(orderId);
    await live.has(1);
    await completes(orderId);
    expect(await live.ended).toBe('cleanly');
    expect(told(live)).toEqual(wholeStory);
    const history = (await order.call('GET', `/orders/${orderId}/history`)).body.items;
    expect(live.events.slice(0, -1).map(({ data }) => data)).toEqual(history);
    expect(JSON.stringify(live.events)).not.toMatch(/Lovelace|Secret Mill|customers\.invalid/);

    const late = await watch(orderId);
    expect(await late.ended).toEqual('cleanly');
    expect(told(late)).toEqual(wholeStory);
    const rest = await watch(orderId, '1');
    expect(await rest.ended).toEqual('cleanly');
    expect(told(rest)).toEqual(wholeStory.slice(1));
    expect((await watch(orderId, '2')).status).toBe(204);
  });

  it('resumes from the query if a client cannot set headers, and from the header if both are given', async () => {
    const orderId = await order.placed();
    await cancel(orderId);
    const url = `${order.service().url}/orders/${orderId}/events?lastEventId=1`;
    const byQuery = await readEvents(url);
    await byQuery.has(1);
    const byHeader = await readEvents(url, { 'last-event-id': '0' });
    await byHeader.has(2);
    expect(told(byQuery)).toEqual([['2', 'OrderCancellationRequested']]);
    expect(told(byHeader).length).toEqual(2);
    await Promise.all([byQuery.close(), byHeader.close()]);
  });

  it.each([
    ['/orders/42/events', 400, 'invalid_request', 'orderId'],
    ['/orders/0199f000-0000-4000-8000-000000000001/events', 404, 'unknown_order', undefined],
    ['/orders/ID/events?lastEventId=x', 400, 'invalid_request', 'Last-Event-ID'],
    ['/orders/ID/events?lastEventId=2', 400, 'invalid_request', 'Last-Event-ID'],
    ['/orders/ID/events?after=1', 400, 'invalid_request', 'after'],
  ])('H04 answers %s with %i before anything is streamed', async (path, status, code, field) => {
    const { status: answered, refusal } = await readEvents(
      order.service().url + path.replace('ID', await order.placed()),
    );
    const problem = JSON.parse(refusal) as { code: string; errors?: { field: string }[] };
    expect(answered).toEqual(status);
    expect(problem.code).toEqual(code);
    expect(problem.errors?.[0]?.field).toEqual(field);
  });

  it('answers HEAD without leaving a stream open', async () => {
    const orderId = await order.placed();
    const answer = await fetch(`${order.service().url}/orders/${orderId}/events`, { method: 'HEAD' });
    expect(answer.status).toEqual(200);
    expect(await answer.text()).toEqual('');
  });
});

describe('a watched order', () => {
  it('H02 skips and repeats no event when its process is killed and the client reconnects', async () => {
    const doomed = order.spawn();
    const { url } = await doomed.ready;
    const watched = async () => {
      const orderId = await order.placed();
      const live = await watch(orderId, undefined, url);
      await live.has(1);
      return { orderId, live };
    };
    const before = await watched();
    const meanwhile = await watched();
    const after = await watched();
    await cancel(before.orderId);
    await before.live.has(2);
    const cancelling = cancel(meanwhile.orderId);
    doomed.kill('SIGKILL');
    for (const { live } of [before, meanwhile, after]) expect(await live.ended).toBe('cut');
    await Promise.all([cancelling, cancel(after.orderId)]);

    for (const { orderId, live } of [before, meanwhile, after]) {
      const rest = await watch(orderId, live.lastEventId);
      await rest.has(2 - live.events.length);
      expect([...told(live), ...told(rest)]).toEqual([
        ['1', 'OrderCreated'],
        ['2', 'OrderCancellationRequested'],
      ]);
      await rest.close();
    }
  });
});
