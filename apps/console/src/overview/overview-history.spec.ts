import { describe, expect, it } from '@jest/globals';
import type { Overview, ServiceView } from '../api/overview.ts';
import { OverviewHistory } from './overview-history.ts';

const service = (name: string, status = 'ready'): ServiceView => ({
  service: name,
  status,
  processes: [{ process: name, url: '', status, roles: [], failing: [] }],
  outboxPending: 0,
  outboxAgeSeconds: 0.123,
  parkedKeys: 0,
  callsOutside: false,
  liveSagas: 0,
});
const saga = { running: 0, compensating: 0, closing: 0, needsAttention: 0, completed: 5, compensated: 2 };
const overview: Overview = {
  services: [service('trip'), service('hotel')],
  flows: [
    { service: 'trip', topic: 'trip-events', direction: 'sends', total: 1, perSecond: 2 },
    { service: 'hotel', topic: 'trip-events', direction: 'sends', total: 1, perSecond: 1 },
    { service: 'hotel', topic: 'trip-events', direction: 'reads', total: 9, perSecond: 9 },
  ],
  outside: [],
  lags: [
    { group: 'hotel', topic: 'trip-events', messages: 3, seconds: 8 },
    { group: 'hotel', topic: 'hotel-commands', messages: 4, seconds: 2 },
  ],
  sagas: [{ service: 'trip', definition: 'book', ...saga }],
  deadLetters: [
    { topic: 'trip-events.dlq', letters: 1 },
    { topic: 'hotel-commands.dlq', letters: 2 },
  ],
  faults: [],
  checks: [],
  unknown: [],
};

/** The values of a point by the names of their series. */
function shown({ series, points }: ReturnType<OverviewHistory['after']>, index = -1) {
  const values = points.at(index)?.values ?? [];
  return Object.fromEntries(series.map(({ chart, name }, place) => [`${chart} ${name}`, values[place]]));
}

describe('the history of the overview', () => {
  it('has the figures of all charts', () => {
    const history = new OverviewHistory();
    history.add(overview, 1_000);
    expect(shown(history.after(0))).toEqual({
      'messages trip-events': 3,
      'ended book completed': 5,
      'ended book compensated': 2,
      'lag hotel': 7,
      'lagSeconds hotel': 8,
      'outbox trip': 0.12,
      'outbox hotel': 0.12,
      'deadLetters all topics': 3,
    });
  });

  it('has no values for a silent service, where 0 would be wrong', () => {
    const history = new OverviewHistory();
    history.add(overview, 1_000);
    const services = [service('trip', 'no answer'), service('hotel')];
    history.add({ ...overview, services, sagas: [], unknown: ['trip: no answer'] }, 2_000);
    expect(shown(history.after(1_000))).toMatchObject({
      'messages trip-events': 1,
      'ended book completed': null,
      'outbox trip': null,
      'outbox hotel': 0.12,
      'deadLetters all topics': null,
    });
  });

  it('returns the points after a moment, of which an earlier one lacks a series that came later', () => {
    const history = new OverviewHistory();
    history.add({ ...overview, lags: [] }, 1_000);
    history.add(overview, 2_000);
    expect(history.after(1_000).points.map(({ atMs }) => atMs)).toEqual([2_000]);
    expect(shown(history.after(0), 0)).toMatchObject({ 'outbox trip': 0.12, 'lag hotel': undefined });
  });

  it('is limited in points and in series', () => {
    const history = new OverviewHistory();
    const services = Array.from({ length: 150 }, (_, index) => service(`s${index}`));
    for (let second = 1; second <= 2_000; second += 1) history.add({ ...overview, services }, second * 1_000);
    const { series, points } = history.after(0);
    expect(points).toHaveLength(1_800);
    expect(points[0]?.atMs).toBe(201_000);
    expect(series).toHaveLength(100);
    expect(points.at(-1)?.values).toHaveLength(100);
  });
});
