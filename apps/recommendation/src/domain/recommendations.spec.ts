import { describe, expect, it } from '@jest/globals';
import {
  neighboursAfter,
  profileAfter,
  recentOf,
  recommendationsFor,
  type Basket,
  type Counts,
  type Profile,
} from './recommendations.ts';

const skus = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `sku-${String(from + index).padStart(3, '0')}`);

const order = (number: number, ...bought: readonly string[]): Basket => ({
  orderId: `order-${number}`,
  customerId: 'ada',
  placedAt: new Date(number * 1_000).toISOString(),
  skus: bought,
});
const profileOf = (...orders: readonly Basket[]): Profile => orders.reduce(profileAfter, []);

describe('the profile of a customer', () => {
  it('has the last ten products, the newest first', () => {
    const profile = profileOf(order(1, ...skus(1, 9)), order(2, 'sku-003', 'sku-010', 'sku-011'));

    expect(recentOf(profile)).toEqual([
      'sku-011',
      'sku-010',
      'sku-003',
      'sku-009',
      'sku-008',
      'sku-007',
      'sku-006',
      'sku-005',
      'sku-004',
      'sku-002',
    ]);
  });

  it('keeps the 200 products that were bought last', () => {
    const profile = profileOf(order(1, ...skus(1, 150)), order(2, ...skus(100, 249), 'a-new-one'));

    expect(profile).toHaveLength(200);
    expect(profile.map(({ sku }) => sku).sort()).toEqual(['a-new-one', ...skus(51, 249)]);
  });

  it('is the same whatever the order in which the partitions were read', () => {
    const sameTime = { ...order(7, 'lamp', 'mug'), placedAt: order(6).placedAt };
    const orders = [
      ...Array.from({ length: 6 }, (_, n) => order(n + 1, ...skus(n * 40, n * 40 + 60))),
      sameTime,
    ];
    const even = orders.filter((_, index) => index % 2 === 0);
    const odd = orders.filter((_, index) => index % 2 === 1);

    expect(profileOf(...orders)).toHaveLength(200);
    expect(profileOf(...even, ...odd)).toEqual(profileOf(...orders));
    expect(profileOf(...odd, ...even)).toEqual(profileOf(...orders));
    expect(profileOf(...orders.toReversed())).toEqual(profileOf(...orders));
  });
});

describe('the neighbours of a product', () => {
  it('are the 50 that were bought with it most often', () => {
    const neighbours = neighboursAfter(neighboursAfter([], skus(1, 50)), ['sku-050', 'sku-051']);

    const counts = Object.fromEntries(neighbours);
    expect(neighbours).toHaveLength(50);
    expect(counts).toMatchObject({ 'sku-001': 1, 'sku-049': 1, 'sku-050': 2 });
    expect(counts).not.toHaveProperty('sku-051');
  });

  it('may have the names of what every object has', () => {
    const names = ['__proto__', 'constructor', 'toString'];

    expect(neighboursAfter(neighboursAfter([], names), names)).toEqual(names.map((name) => [name, 2]));
  });
});

describe('the recommendations for a customer', () => {
  const neighbours: Readonly<Record<string, Counts>> = {
    lamp: Object.entries({ bulb: 3, chair: 1, shade: 3, vase: 1 }),
    vase: Object.entries({ bulb: 1, chair: 1, flower: 4, lamp: 1 }),
  };
  const of = (...bought: readonly string[]) =>
    recommendationsFor(profileOf(order(1, ...bought)), (sku) => neighbours[sku] ?? null);

  it('are what others bought with the same products, most often first, with the reason', () => {
    expect(of('lamp', 'vase')).toEqual([
      { sku: 'bulb', boughtWith: 'lamp' },
      { sku: 'flower', boughtWith: 'vase' },
      { sku: 'shade', boughtWith: 'lamp' },
      { sku: 'chair', boughtWith: 'lamp' },
    ]);
  });

  it('are in the order of their names if the numbers are equal', () => {
    expect(of('lamp').map(({ sku }) => sku)).toEqual(['bulb', 'shade', 'chair', 'vase']);
  });

  it('are at most five, and none for a product that nobody bought with another', () => {
    const many = recommendationsFor(profileOf(order(1, 'lamp')), () => neighboursAfter([], skus(1, 9)));

    expect(many.map(({ sku }) => sku)).toEqual(skus(1, 5));
    expect(of('stool')).toEqual([]);
  });
});
