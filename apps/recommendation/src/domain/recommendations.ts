/** The products that a customer bought last, the newest first. */
export type Profile = readonly Purchase[];

/** The last purchase of a product. */
interface Purchase {
  readonly sku: string;
  /** Time, order and line of the purchase. Later ones are greater. */
  readonly at: string;
}

/** The distinct products of an order, without quantities. */
export interface Basket {
  readonly orderId: string;
  readonly customerId: string;
  /** ISO 8601, in UTC with milliseconds, so that later ones are greater. */
  readonly placedAt: string;
  readonly skus: readonly string[];
}

/** How often, by product, in the order of the products' names. */
export type Counts = ReadonlyArray<readonly [sku: string, count: number]>;

export interface Recommendation {
  readonly sku: string;
  /** The customer's product with which others bought this one most often. */
  readonly boughtWith: string;
}

const recentMax = 10;
const profileMax = 200;
const neighboursMax = 50;
const recommendedMax = 5;

/**
 * Returns the profile after an order. Orders come from several partitions, in another order after each
 * loss of the state, so their own times decide what is new.
 */
export function profileAfter(profile: Profile, { placedAt, orderId, skus }: Basket): Profile {
  const bought = skus.map((sku, line) => ({ sku, at: `${placedAt} ${orderId} ${1_000 + line}` }));
  const newestFirst = [...profile, ...bought].sort((one, other) => compareTexts(other.at, one.at));
  const last = new Map<string, Purchase>();
  for (const purchase of newestFirst) if (!last.has(purchase.sku)) last.set(purchase.sku, purchase);
  return [...last.values()].slice(0, profileMax);
}

/** The last products of a customer, the newest first. */
export const recentOf = (profile: Profile): readonly string[] =>
  profile.slice(0, recentMax).map(({ sku }) => sku);

/**
 * Returns the neighbours of a product after an order of it with these others: those with the highest
 * counts, and of equal ones the first names.
 */
export function neighboursAfter(neighbours: Counts, others: readonly string[]): Counts {
  const after = new Map(neighbours);
  for (const sku of others) after.set(sku, (after.get(sku) ?? 0) + 1);
  const entries = [...after].sort(([one], [other]) => compareTexts(one, other));
  if (entries.length <= neighboursMax) return entries;
  const kept = new Map(entries.toSorted(([, one], [, other]) => other - one).slice(0, neighboursMax));
  return entries.filter(([sku]) => kept.has(sku));
}

interface Candidate extends Recommendation {
  readonly most: number;
  readonly sum: number;
}

/**
 * Returns what others have bought together with the products of the customer, most often first, and in
 * the order of their names if the numbers are equal.
 */
export function recommendationsFor(
  profile: Profile,
  neighboursOf: (sku: string) => Counts | null,
): readonly Recommendation[] {
  const own = new Set(profile.map(({ sku }) => sku));
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
    .sort((one, other) => other.sum - one.sum || compareTexts(one.sku, other.sku))
    .slice(0, recommendedMax)
    .map(({ sku, boughtWith }) => ({ sku, boughtWith }));
}

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
