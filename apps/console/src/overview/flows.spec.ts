import { describe, expect, it } from '@jest/globals';
import type { FlowView, ServiceView } from '../api/overview.ts';
import { Figures } from './figures.ts';
import { flowsOf, type FlowsBefore } from './flows.ts';

const sent = (service: string, topic: string, value: number) => ({
  service,
  name: 'messaging_client_sent_messages_total',
  labels: { messaging_destination_name: topic },
  value,
});
const flow = (service: string, total: number, perSecond = 0): FlowView => ({
  service,
  topic: 'order-events',
  direction: 'sends',
  total,
  perSecond,
});
const service = (name: string, status: string): ServiceView => ({
  service: name,
  status,
  processes: [{ process: name, url: 'http://here', status, roles: [], failing: [] }],
  outboxPending: 0,
  outboxAgeSeconds: 0,
  parkedKeys: 0,
  callsOutside: false,
  liveSagas: 0,
});
const before = (change: Partial<FlowsBefore>): FlowsBefore => ({
  flows: [],
  services: [service('order', 'ready')],
  secondsAgo: 2,
  ...change,
});
const five = new Figures([sent('order', 'order-events', 5)]);

describe('the flows of messages', () => {
  it('have no rate at the first look, or after a long time without one', () => {
    expect(flowsOf(five, undefined)).toEqual([flow('order', 5)]);
    expect(flowsOf(five, before({ flows: [flow('order', 1)], secondsAgo: 600 }))).toEqual([flow('order', 5)]);
  });

  it('have the difference of two counts as their rate', () => {
    expect(flowsOf(five, before({ flows: [flow('order', 1)] }))).toEqual([flow('order', 5, 2)]);
  });

  it('begin with the first message of a topic, whose counter was absent before', () => {
    expect(flowsOf(five, before({}))).toEqual([flow('order', 5, 2.5)]);
  });

  it('count from 0 again after a restart', () => {
    expect(flowsOf(five, before({ flows: [flow('order', 100)] }))).toEqual([flow('order', 5, 2.5)]);
  });

  it('have the rate 0 while their service is silent, and until the second look after that', () => {
    const earlier = before({ flows: [flow('order', 5, 3)] });
    const silent = flowsOf(new Figures([]), earlier);
    expect(silent).toEqual([flow('order', 5)]);
    expect(flowsOf(five, before({ flows: silent, services: [service('order', 'no answer')] }))).toEqual([
      flow('order', 5),
    ]);
  });
});
