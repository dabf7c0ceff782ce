import { afterAll, describe, expect, it } from '@jest/globals';
import { isStatement, openShop, StoryTeller, TestTrace, type Span } from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const untilPayment = `
SERVER order: POST /orders
 INTERNAL order: saga fulfillment OrderCreated
  PRODUCER order: send inventory-commands
   CONSUMER inventory: process inventory-commands
    PRODUCER inventory: send inventory-events
     CONSUMER order: process inventory-events
      INTERNAL order: saga fulfillment InventoryReserved
       PRODUCER order: send payment-commands
        CONSUMER payment: process payment-commands`.slice(1);

/** The spans of the start message, which changes nothing when the order service reads it. */
const startMessage = `
 PRODUCER order: send order-events
  CONSUMER order: process order-events
   INTERNAL order: saga fulfillment OrderCreated`.slice(1);

const completed = `${untilPayment}
         PRODUCER payment: send account-events
         PRODUCER payment: send payment-events
          CONSUMER order: process payment-events
           INTERNAL order: saga fulfillment PaymentProcessed
            PRODUCER order: send shipping-commands
             CONSUMER shipping: process shipping-commands
              INTERNAL shipping: call carrier-booking
               PRODUCER shipping: send shipping-events
                CONSUMER order: process shipping-events
                 INTERNAL order: saga fulfillment OrderCompleted
                  PRODUCER order: send inventory-commands
                   CONSUMER inventory: process inventory-commands
                    PRODUCER inventory: send inventory-events
                     CONSUMER order: process inventory-events
                      INTERNAL order: saga fulfillment ReservationCommitted
                 INTERNAL order: saga fulfillment ShipmentScheduled
                  PRODUCER order: send notification-commands
                   CONSUMER notification: process notification-commands
                    INTERNAL notification: call mail
                     PRODUCER notification: send notification-events
                  PRODUCER order: send order-events
                   CONSUMER order: process order-events
                    INTERNAL order: saga fulfillment OrderCompleted
                   CONSUMER shipping: process order-events
                    INTERNAL shipping: call carrier-delivery
                     PRODUCER shipping: send shipping-events
                    PRODUCER shipping: send shipping-events
${startMessage}`;

const compensated = `${untilPayment}
         INTERNAL payment: call card-charge
          PRODUCER payment: send payment-events
           CONSUMER order: process payment-events
            INTERNAL order: saga fulfillment PaymentProcessed
             PRODUCER order: send shipping-commands
              CONSUMER shipping: process shipping-commands
               INTERNAL shipping: call carrier-booking
                PRODUCER shipping: send shipping-events
                 CONSUMER order: process shipping-events
                  INTERNAL order: saga fulfillment ShipmentFailed
                   PRODUCER order: send payment-commands
                    CONSUMER payment: process payment-commands
                     INTERNAL payment: call card-refund
                      PRODUCER payment: send payment-events
                       CONSUMER order: process payment-events
                        INTERNAL order: saga fulfillment PaymentRefunded
                         PRODUCER order: send inventory-commands
                          CONSUMER inventory: process inventory-commands
                           PRODUCER inventory: send inventory-events
                            CONSUMER order: process inventory-events
                             INTERNAL order: saga fulfillment InventoryReleased
                              PRODUCER order: send order-commands
                               CONSUMER order: process order-commands
                                PRODUCER order: send notification-commands
                                 CONSUMER notification: process notification-commands
                                  INTERNAL notification: call mail
                                   PRODUCER notification: send notification-events
                                PRODUCER order: send order-events
                                 CONSUMER order: process order-events
                                  INTERNAL order: saga fulfillment OrderCancelled
${startMessage}`;

/**
 * The names and string attributes of the spans. Numbers are random, so they could match by chance.
 */
const textsOf = (spans: readonly Span[]): readonly string[] =>
  spans.flatMap(({ name, attributes }) => [
    name,
    ...Object.values(attributes)
      .flat()
      .filter((value) => typeof value === 'string'),
  ]);

const spanNamed = (spans: readonly Span[], name: string): Span => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name}`);
  return found;
};

describe('an order that is completed', () => {
  it('R17 R18 is one trace with the request, the relays, every service, the external calls and the mail', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const trace = new TestTrace(stack);

    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } }, trace.headers);
    await order.endsAs('completed');

    expect(await trace.grownTo(completed)).toBe(completed);
    const spans = await trace.spans();
    const request = spanNamed(spans, 'POST /orders');
    expect(request.parentSpanId).toBe(trace.callerSpanId);
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 202,
    });
    expect(spanNamed(spans, 'send inventory-commands').attributes).toMatchObject({
      'messaging.system.name': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'inventory-commands',
      'messaging.destination.partition.id': expect.stringMatching(/^\d$/),
      'kafka.offset': expect.any(Number),
    });
    expect(spanNamed(spans, 'process inventory-commands').attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'inventory',
      'messaging.message.id': expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(spanNamed(spans, 'saga fulfillment OrderCreated').attributes).toMatchObject({
      'millrace.saga.id': order.orderId,
      'millrace.saga.steps_sent': ['reserve'],
    });
    expect(spans.filter(({ failed }) => failed)).toEqual([]);
    expect(spans.filter(isStatement).length).toBeGreaterThan(0);
    // No attribute names the customer or the address.
    expect(textsOf(spans)).not.toContainEqual(expect.stringMatching(/Tester|Mill Lane|\b10115\b/));
    expect(textsOf(spans)).not.toContainEqual(expect.stringContaining(shop.customerId('ada')));
  });
});

describe('an order that is compensated', () => {
  it('R17 is one trace from the request to the last compensation', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: {} });
    const trace = new TestTrace(stack);

    const order = await shop.place(
      { customer: 'ada', lines: { lamp: 1 }, card: 'tok_approve', postcode: '00000' },
      trace.headers,
    );
    await order.endsAs('cancelled', 'address_refused');

    expect(await trace.grownTo(compensated)).toBe(compensated);
    const texts = textsOf(await trace.spans());
    expect(texts).not.toContainEqual(expect.stringMatching(/tok_approve|Tester|Mill Lane/));
    expect(texts).not.toContainEqual(expect.stringContaining(shop.customerId('ada')));
  });
});
