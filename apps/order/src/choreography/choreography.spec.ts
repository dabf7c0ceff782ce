import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { foldEvents, isRejected } from '@millrace/event-sourcing';
import { assertGoldenEventsFold } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import type { OrderEvent } from '../domain/events.ts';
import { order, type Order } from '../domain/order.ts';
import { choreographyFolding, react, type Choreography, type Heard } from './choreography.ts';
import { choreographyEventTypes, type ChoreographyEvent, type Step, type UndoneStep } from './events.ts';

const orderId = '01936d3e-0000-7000-8000-000000000001';
const at = '2026-11-20T10:00:01.000Z';
const created: OrderEvent = {
  type: 'OrderCreated',
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 2, unitPrice: 12_50 }],
  total: { amount: 25_00, currency: 'EUR' },
  placedAt: at,
  style: 'choreographed',
  personal: {
    subject: 'ada',
    shippingAddress: { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode: '10115', country: 'DE' },
    email: 'ada@example.org',
    paymentMethod: 'account',
  },
};

const placed: Heard = { type: 'placed', at };
const done = (step: Step): Heard => ({ type: 'done', step, at });
const undone = (step: UndoneStep): Heard => ({ type: 'undone', step, at });
const failed: Heard = { type: 'failed', reason: 'out_of_stock', at };
const cancellation: Heard = { type: 'failed', reason: 'cancelled_by_customer', at };
const deadline: Heard = { type: 'deadline', at };

interface Played {
  readonly choreography: Choreography;
  readonly order: Order;
  /** Every event, in the order in which it was recorded. */
  readonly events: ReadonlyArray<ChoreographyEvent | OrderEvent>;
}

/** Plays what order hears, beginning with the events of the order's own stream. */
function play(heard: readonly Heard[], own: readonly OrderEvent[] = [created]): Played {
  let played: Played = {
    choreography: choreographyFolding.initialState,
    order: foldEvents(order, own),
    events: [],
  };
  for (const each of heard) {
    const outcome = react(each, played);
    if (isRejected(outcome)) throw new Error(outcome.rejected);
    const { choreography, order: ofOrder = [] } = outcome.events;
    played = {
      choreography: choreography.reduce(choreographyFolding.evolve, played.choreography),
      order: ofOrder.reduce(order.evolve, played.order),
      events: [...played.events, ...choreography, ...ofOrder],
    };
  }
  return played;
}

const endOf = (played: Played) => [
  played.choreography.status,
  played.order.status,
  played.order.status === 'cancelled' ? played.order.reason : null,
];
const steps = (...names: readonly Step[]) => names.map(done);
const allUndone = [undone('pay'), undone('ship'), undone('reserve')];
const count = (played: Played, type: string) => played.events.filter((event) => event.type === type).length;

describe('a choreographed order', () => {
  it('is completed with its shipment, and ends once inventory has shipped its units', () => {
    const shipped = play([placed, ...steps('reserve', 'pay', 'ship')]);
    expect(endOf(shipped)).toEqual(['committing', 'completed', null]);
    expect(endOf(play([placed, ...steps('reserve', 'pay', 'ship', 'commit')]))).toEqual([
      'completed',
      'completed',
      null,
    ]);
  });

  it('is cancelled once every service has answered, in whichever order, with the first cause', () => {
    expect(endOf(play([placed, failed, cancellation, undone('ship'), undone('reserve')]))).toEqual([
      'compensating',
      'pending',
      null,
    ]);
    expect(endOf(play([placed, failed, cancellation, ...allUndone]))).toEqual([
      'compensated',
      'cancelled',
      'out_of_stock',
    ]);
  });

  it('fails when its completion is rejected, because its customer was faster', () => {
    const requested: OrderEvent = { type: 'OrderCancellationRequested', orderId, requestedAt: at };
    const played = play([...steps('reserve', 'pay', 'ship'), ...allUndone], [created, requested]);
    expect(endOf(played)).toEqual(['compensated', 'cancelled', 'cancelled_by_customer']);
    expect(count(played, 'OrderCompletionRejected')).toBe(1);
  });

  it('repeats its details at the first deadline, and fails at the second', () => {
    expect(play([placed, deadline]).events.at(-1)).toMatchObject({
      type: 'DetailsRepeated',
      personal: { paymentMethod: 'account', shippingAddress: { postcode: '10115' } },
    });
    expect(endOf(play([placed, deadline, deadline, ...allUndone]))).toEqual([
      'compensated',
      'cancelled',
      'step_timeout',
    ]);
  });

  it('fails at the first deadline if its customer was erased', () => {
    const erased = { ...created, personal: { erased: true } } as const;
    expect(endOf(play([placed, deadline, ...allUndone], [erased]))).toEqual([
      'compensated',
      'cancelled',
      'step_timeout',
    ]);
  });

  it('is followed from whatever is heard first', () => {
    expect(endOf(play([done('ship'), placed, done('pay'), done('reserve'), done('commit')]))).toEqual([
      'completed',
      'completed',
      null,
    ]);
  });

  it('leaves an orchestrated order to its saga', () => {
    const orchestrated = { ...created, style: 'orchestrated' } as const;
    expect(play([cancellation, deadline], [orchestrated]).events).toEqual([]);
  });

  it('ends once, whatever is heard how often and in which order', () => {
    const anything = fc.constantFrom<Heard>(
      placed,
      ...steps('reserve', 'pay', 'ship', 'commit'),
      failed,
      cancellation,
      deadline,
      ...allUndone,
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 30 }), (heard) => {
        const played = play(heard);
        for (const type of ['OrderCompleted', 'OrderCancelled', 'ChoreographyFailed', 'ChoreographyStarted'])
          expect(count(played, type)).toBeLessThanOrEqual(1);
        expect(count(played, 'OrderCompleted') + count(played, 'ChoreographyFailed')).toBeLessThanOrEqual(1);
        expect(played.choreography.status === 'compensated').toBe(played.order.status === 'cancelled');
      }),
    );
  });
});

it('the events of a choreographed order fold to the states that they had when they were released', () => {
  assertGoldenEventsFold(join(import.meta.dirname, 'golden-events'), choreographyEventTypes, {
    choreography: choreographyFolding,
  });
});
