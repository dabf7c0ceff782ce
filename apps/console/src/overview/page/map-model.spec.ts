import { describe, expect, it } from '@jest/globals';
import type { FlowView, Overview, ServiceView } from '../../api/overview.ts';
import { mapOf } from './map-model.ts';

const service = (name: string): ServiceView => ({
  service: name,
  status: 'ready',
  processes: [],
  outboxPending: 0,
  outboxAgeSeconds: 0,
  parkedKeys: 0,
  callsOutside: false,
  liveSagas: 0,
});
const flow = (name: string, direction: FlowView['direction'], topic: string, perSecond = 0): FlowView => ({
  service: name,
  topic,
  direction,
  total: 9,
  perSecond,
});
const overview = (flows: readonly FlowView[]): Overview => ({
  services: ['desk', 'hotel'].map(service),
  flows,
  outside: [],
  lags: [],
  sagas: [],
  deadLetters: [],
  faults: [],
  checks: [],
  unknown: [],
});

describe('the live map', () => {
  const map = mapOf(
    overview([
      flow('desk', 'sends', 'hotel-commands', 1.5),
      flow('hotel', 'reads', 'hotel-commands', 1.5),
      flow('hotel', 'sends', 'hotel-events'),
      flow('hotel', 'sends', 'hotel-commands.dlq', 1),
    ]),
    1_016,
  );

  it('has a station for each service, side by side, right of the names of the topics', () => {
    expect(map.stations.map(({ centre }) => centre)).toEqual([416, 816]);
  });

  it('has a lane for each topic, from its senders to its readers, but none for dead letters', () => {
    expect(map.lanes.map(({ topic }) => topic)).toEqual(['hotel-commands', 'hotel-events']);
    const [commands, events] = map.lanes;
    expect(commands).toMatchObject({ from: 409, to: 823, nameAt: 0, perSecond: 1.5 });
    expect(events).toMatchObject({ from: 809, to: 809, nameAt: 0, perSecond: 0 });
  });

  it('draws active flows above idle ones, at their pace', () => {
    expect(map.arrows.map(({ flow: { service: name, topic }, pace }) => [name, topic, pace])).toEqual([
      ['hotel', 'hotel-events', 'still'],
      ['desk', 'hotel-commands', 'slow'],
      ['hotel', 'hotel-commands', 'slow'],
    ]);
  });

  it('has the names above the lanes where a column of names would take too much room', () => {
    const { gutter, stations, lanes } = mapOf(overview([flow('desk', 'sends', 'hotel-commands')]), 300);
    expect(gutter).toBe(0);
    expect(stations.map(({ centre }) => centre)).toEqual([75, 225]);
    expect(lanes).toMatchObject([{ nameAt: 90, nameWidth: 158 }]);
  });

  it('can be drawn before anything has flowed', () => {
    expect(mapOf(overview([]), 300)).toMatchObject({ lanes: [], arrows: [], stations: [{}, {}] });
  });
});
