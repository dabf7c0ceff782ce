import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/testing/random';
import { partsOf, readOptions } from './options.ts';
import { planFaults } from './plan.ts';

const parts = partsOf({});

const planOf = (seed: number, options: Partial<Parameters<typeof planFaults>[0]> = {}) =>
  planFaults(
    { orders: 300, kills: 50, parts, pauses: false, replicas: {}, longPauses: 0, ...options },
    seededRandom(seed),
  );

describe('the faults of a seed', () => {
  it('are the same every time, and differ for another seed', () => {
    expect(planOf(7)).toEqual(planOf(7));
    expect(planOf(7)).not.toEqual(planOf(8));
  });

  it('come in order, while orders are placed', () => {
    const moments = planOf(7).map(({ afterOrders }) => afterOrders);

    expect(moments).toEqual(moments.toSorted((one, other) => one - other));
    for (const moment of moments) expect(moment).toBeGreaterThanOrEqual(1);
    for (const moment of moments) expect(moment).toBeLessThan(300);
  });

  it('concern only the chosen parts', () => {
    expect(new Set(planOf(7, { parts: ['order', 'broker'] }).map(({ part }) => part))).toEqual(
      new Set(['order', 'broker']),
    );
  });

  it('kill every part once before any is harmed again', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const plan = planOf(seed, { kills: parts.length, pauses: true });
      expect(plan.map(({ part }) => part).toSorted()).toEqual([...parts].sort());
      expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['kill']));
    }
  });

  it('are pauses only if the options ask for them', () => {
    expect(planOf(7).filter(({ kind }) => kind === 'pause')).toEqual([]);
    expect(planOf(7, { pauses: true }).filter(({ kind }) => kind === 'pause').length).toBeGreaterThan(0);
  });

  it('begin with a kill of the broker, if it may be killed', () => {
    for (const seed of [1, 2, 3, 4, 5])
      expect(planOf(seed, { kills: 1 })).toEqual([expect.objectContaining({ part: 'broker', kind: 'kill' })]);
    expect(planOf(7, { kills: 3, parts: ['order'] }).map(({ part }) => part)).not.toContain('broker');
  });

  it('pause only processes of replicated services for longer than their leases, spread over the orders', () => {
    const pauses = planOf(7, { kills: 0, longPauses: 40, replicas: { order: 2, payment: 3 } });

    expect(new Set(pauses.map(({ part }) => part))).toEqual(
      new Set(['order', 'order-2', 'payment', 'payment-2', 'payment-3']),
    );
    for (const { kind, pauseMs } of pauses) {
      expect(kind).toBe('pause');
      expect(pauseMs).toBeGreaterThan(6_000);
    }
    for (const seed of [1, 2, 3, 4, 5])
      expect(
        planOf(seed, { kills: 0, longPauses: 2, replicas: { order: 2 } }).map(({ part }) => part),
      ).toEqual(expect.arrayContaining(['order', 'order-2']));
    const [first, second, third] = planOf(7, { kills: 0, longPauses: 3, replicas: { order: 2 } });
    expect(first?.afterOrders).toBeLessThan(50);
    expect(second?.afterOrders).toBeGreaterThanOrEqual(100);
    expect(third?.afterOrders).toBeGreaterThanOrEqual(200);
  });
});

describe('the options of the chaos command', () => {
  const read = (...argv: string[]) => readOptions(argv, 4711);

  it('have defaults', () => {
    expect(read()).toMatchObject({ orders: 300, seed: 4711, kills: 20, parts, pauses: false, json: false });
    expect(read('--parts', 'broker, order', '--kills', '3')).toMatchObject({
      kills: 3,
      parts: ['order', 'broker'],
    });
    expect(read('--replicas', 'order=2,payment=3', '--long-pauses', '2')).toMatchObject({
      replicas: { order: 2, payment: 3 },
      longPauses: 2,
      parts: expect.arrayContaining(['order', 'order-2', 'broker', 'payment-3']),
    });
  });

  it.each([
    [['--parts', 'order,moon'], '--parts: there is no moon; the parts are order, inventory'],
    [['--replicas', 'order=two'], '--replicas takes SERVICE=COUNT, such as order=2, of order, inventory, '],
    [
      ['--long-pauses', '1'],
      '--long-pauses pauses services with several processes: name some with --replicas',
    ],
  ])('are rejected: %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(message);
  });
});
