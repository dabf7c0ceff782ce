/** The purchases of a customer: the last products, the newest first, and how often each was bought. */
export interface Profile {
  readonly recent: readonly string[];
  readonly bought: Counts;
}

/** How often, by product, in the order of the products' names. */
export type Counts = ReadonlyArray<readonly [sku: string, count: number]>;

export interface Recommendation {
  readonly sku: string;
  /** The customer's product with which others bought this one most often. */
  readonly boughtWith: string;
}

const recentMax = 10;
const boughtMax = 200;
const neighboursMax = 50;
const recommendedMax = 5;

export const noProfile: Profile = { recent: [], bought: [] };

/** Returns the profile after an order of these products. */
export const profileAfter = ({ recent, bought }: Profile, skus: readonly string[]): Profile => ({
  recent: [...new Set([...skus.toReversed(), ...recent])].slice(0, recentMax),
  bought: countedUp(bought, skus, boughtMax),
});

/** Returns the neighbours of a product after an order of it with these others. */
export const neighboursAfter = (neighbours: Counts, others: readonly string[]): Counts =>
  countedUp(neighbours, others, neighboursMax);

interface Candidate extends Recommendation {
  readonly most: number;
  readonly sum: number;
}

/**
 * Returns what others have bought together with the products of the customer, most often first, and in
 * the order of their names if the numbers are equal.
 */
export function recommendationsFor(
  { recent, bought }: Profile,
  neighboursOf: (sku: string) => Counts | null,
): readonly Recommendation[] {
  const own = new Set([...recent, ...bought.map(([sku]) => sku)]);
  const candidates = new Map<string, Candidate>();
  for (const boughtWith of [...own].sort()) {
    for (const [sku, count] of neighboursOf(boughtWith) ?? []) {
      if (own.has(sku)) continue;
      const { most = 0, sum = 0, ...before } = candidates.get(sku) ?? { boughtWith };
      candidates.set(sku, {
        sku,
        boughtWith: count > most ? boughtWith : before.boughtWith,
        most: Math.max(most, count),
        sum: sum + count,
      });
    }
  }
  return [...candidates.values()]
    .sort((one, other) => other.sum - one.sum || compareNames(one.sku, other.sku))
    .slice(0, recommendedMax)
    .map(({ sku, boughtWith }) => ({ sku, boughtWith }));
}

/** Counts these products up, and keeps the `max` highest counts; of equal ones the first names. */
function countedUp(counts: Counts, skus: readonly string[], max: number): Counts {
  const after = new Map(counts);
  for (const sku of skus) after.set(sku, (after.get(sku) ?? 0) + 1);
  const entries = [...after].sort(([one], [other]) => compareNames(one, other));
  if (entries.length <= max) return entries;
  const kept = new Map(entries.toSorted(([, one], [, other]) => other - one).slice(0, max));
  return entries.filter(([sku]) => kept.has(sku));
}

const compareNames = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
