import {
  choreography,
  inventoryEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import type { ServiceProcess } from '@millrace/service-chassis/saga';
import { react } from './choreography.ts';
import { operatedOrders } from './operated-orders.ts';
import { streamsOf } from './stream-ids.ts';

/** The process whose timer ends a choreographed order that hears nothing. */
export const choreographyProcess = {
  name: choreography,
  startTopic: orderEvents.declaration.name,
} as const;

export const deadlineTimer = 'deadline';

export const deadlineProcess = (deadlineMs: number): ServiceProcess => ({
  ...choreographyProcess,
  topics: [inventoryEvents, paymentEvents, shippingEvents].map(({ declaration }) => declaration.name),
  locks: (orderId) => streamIds(streamsOf(orderId)),
  shortestMs: deadlineMs,
  instances: operatedOrders,
  async fire(commands, cause, { id: orderId, at }) {
    const recorded = await commands.handleAcross(cause, streamsOf(orderId), (states) =>
      react({ type: 'deadline', at }, states),
    );
    return recorded.choreography.state.status === 'running' ? deadlineMs : undefined;
  },
});
