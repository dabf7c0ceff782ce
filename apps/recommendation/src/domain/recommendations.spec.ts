import { describe, expect, it } from '@jest/globals';
import {
  neighboursAfter,
  noProfile,
  profileAfter,
  recommendationsFor,
  type Counts,
} from './recommendations.ts';

const skus = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `sku-${String(from + index).padStart(3, '0')}`);

describe('the profile of a customer', () => {
  it('has the last ten products, the newest first, and how often each was bought', () => {
    const profile = profileAfter(profileAfter(noProfile, skus(1, 9)), ['sku-003', 'sku-010', 'sku-011']);

    expect(profile.recent).toEqual([
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
    expect(Object.fromEntries(profile.bought)).toMatchObject({ 'sku-001': 1, 'sku-003': 2, 'sku-011': 1 });
  });

  it('keeps the 200 products that were bought most, and of equal ones the first names', () => {
    const { bought } = profileAfter(profileAfter(noProfile, skus(1, 200)), [...skus(150, 200), 'a-new-one']);

    const counts = Object.fromEntries(bought);
    expect(bought).toHaveLength(200);
    expect(counts).toMatchObject({ 'a-new-one': 1, 'sku-148': 1, 'sku-150': 2 });
    expect(counts).not.toHaveProperty('sku-149');
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
    recommendationsFor(profileAfter(noProfile, bought), (sku) => neighbours[sku] ?? null);

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

  it('leave out what was bought last, even if its count was not kept', () => {
    const often = skus(1, 200);
    const profile = profileAfter(profileAfter(profileAfter(noProfile, often), often), ['vase']);

    expect(recommendationsFor(profile, () => neighbours.lamp!).map(({ sku }) => sku)).not.toContain('vase');
  });

  it('are at most five, and none for a product that nobody bought with another', () => {
    const many = recommendationsFor(profileAfter(noProfile, ['lamp']), () => neighboursAfter([], skus(1, 9)));

    expect(many.map(({ sku }) => sku)).toEqual(skus(1, 5));
    expect(of('stool')).toEqual([]);
  });
});
