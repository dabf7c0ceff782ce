import { describe, expect, it } from '@jest/globals';
import { lagOf, replicasFor, StabilisedReplicas } from './replicas-by-lag.ts';

const rule = { lagThreshold: 500, replicasMin: 1, replicasMax: 6, stabilisationMs: 300_000 };

describe('the number of processes for a lag', () => {
  it.each([
    { lag: 0, replicas: 1 },
    { lag: 1, replicas: 1 },
    { lag: 500, replicas: 1 },
    { lag: 501, replicas: 2 },
    { lag: 1_500, replicas: 3 },
    { lag: 1_000_000, replicas: 6 },
  ])('is $replicas for $lag', ({ lag, replicas }) => expect(replicasFor(lag, rule)).toBe(replicas));

  it('rises at once, and falls once the lag has been less for the whole time', () => {
    const scaling = new StabilisedReplicas(rule, { replicas: 1, atMs: 0 });
    const schedule = [
      { atMs: 15_000, lag: 1_400, replicas: 3 },
      { atMs: 30_000, lag: 900, replicas: 3 },
      { atMs: 200_000, lag: 0, replicas: 3 },
      { atMs: 314_999, lag: 0, replicas: 3 },
      { atMs: 315_000, lag: 0, replicas: 2 },
      { atMs: 330_000, lag: 0, replicas: 1 },
    ];
    expect(schedule.map(({ atMs, lag }) => scaling.next(lag, atMs))).toEqual(
      schedule.map(({ replicas }) => replicas),
    );
  });

  it('stops no running process before that time, except for those above the limit', () => {
    expect(new StabilisedReplicas(rule, { replicas: 4, atMs: 0 }).next(0, 15_000)).toBe(4);
    expect(new StabilisedReplicas(rule, { replicas: 9, atMs: 0 }).next(0, 15_000)).toBe(6);
  });
});

describe('the lag of a group', () => {
  const metrics = `
# TYPE kafka_consumer_group_lag gauge
kafka_consumer_group_lag{group="shelf",topic="books",partition="0",service="shelf"} 12
kafka_consumer_group_lag{group="shelf",topic="loans",partition="0",service="shelf"} 30
kafka_consumer_group_lag{group="shelf-projector",topic="books",partition="0",service="shelf"} 7
kafka_consumer_group_lag_seconds{group="shelf",topic="books",partition="0",service="shelf"} 400
`;

  it('is that of all its partitions', () => {
    expect(lagOf('shelf', metrics)).toBe(42);
    expect(lagOf('shelf-projector', metrics)).toBe(7);
  });

  it('is unknown if nobody watches the group', () => {
    expect(() => lagOf('desk', metrics)).toThrow('no kafka_consumer_group_lag of the group desk');
  });
});
