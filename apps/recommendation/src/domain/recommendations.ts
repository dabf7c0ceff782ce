/** What a customer has bought: the last products, the newest first, and how often each. */
export interface Profile {
  readonly recent: readonly string[];
  readonly bought: Counts;
}

/** Numbers by product. */
export type Counts = Readonly<Record<string, number>>;

export interface Recommendation {
  readonly sku: string;
  /** The product of the customer that others have bought with it most often. */
  readonly boughtWith: string;
}

const recentMax = 10;
const boughtMax = 200;
const neighboursMax = 50;
const recommendedMax = 5;

export const noProfile: Profile = { recent: [], bought: {} };

/** Returns the profile after an order of these products. */
export function profileAfter({ recent, bought }: Profile, skus: readonly string[]): Profile {
  return {
    recent: [...new Set([...skus.toReversed(), ...recent])].slice(0, recentMax),
    bought: mostOf(countedUp(bought, skus), boughtMax),
  };
}

/** Returns the neighbours of a product after an order of it with these others. */
export const neighboursAfter = (neighbours: Counts, others: readonly string[]): Counts =>
  mostOf(countedUp(neighbours, others), neighboursMax);

/**
 * Returns what others have bought together with the products of the customer, most often first, and in
 * the order of their names if the numbers are equal.
 */
export function recommendationsFor(
  { bought }: Profile,
  neighboursOf: (sku: string) => Counts | null,
): readonly Recommendation[] {
  const own = Object.keys(bought);
  const best = new Map<
    string,
    { readonly boughtWith: string; readonly most: number; readonly sum: number }
  >();
  for (const boughtWith of own.toSorted()) {
    for (const [sku, count] of Object.entries(neighboursOf(boughtWith) ?? {})) {
      if (own.includes(sku)) continue;
      const before = best.get(sku);
      const sum = (before?.sum ?? 0) + count;
      best.set(
        sku,
        before !== undefined && before.most >= count ? { ...before, sum } : { boughtWith, most: count, sum },
      );
    }
  }
  return [...best]
    .sort(([one, { sum }], [other, { sum: otherSum }]) => otherSum - sum || compareNames(one, other))
    .slice(0, recommendedMax)
    .map(([sku, { boughtWith }]) => ({ sku, boughtWith }));
}

function countedUp(counts: Counts, skus: readonly string[]): Counts {
  const after: Record<string, number> = { ...counts };
  for (const sku of skus) after[sku] = (after[sku] ?? 0) + 1;
  return after;
}

/** The highest numbers, and of equal ones the first names, in the order of the names. */
function mostOf(counts: Counts, max: number): Counts {
  const entries = Object.entries(counts);
  const most =
    entries.length <= max
      ? entries
      : entries
          .sort(([one, count], [other, otherCount]) => otherCount - count || compareNames(one, other))
          .slice(0, max);
  return Object.fromEntries(most.sort(([one], [other]) => compareNames(one, other)));
}

const compareNames = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
