import type { ReadOnlyKeyValueStore } from '@millrace/streams';
import { conversionOf, sumOf, type Figures } from './domain/figures.ts';

/** The days of a question, both included, such as `2026-01-31`. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

export interface Summary extends Figures {
  readonly conversion: number | null;
  readonly days: ReadonlyArray<Figures & { readonly day: string }>;
}

export function summaryOf(figures: ReadOnlyKeyValueStore<string, Figures>, { from, to }: Days): Summary {
  using found = figures.range(from, to);
  const days = [...found]
    .map(({ key, value }) => ({ day: key, ...value }))
    .sort((one, other) => (one.day < other.day ? -1 : 1));
  const sum = sumOf(days);
  return { ...sum, conversion: conversionOf(sum), days };
}

export interface OrderedProduct {
  readonly sku: string;
  readonly quantity: number;
}

/** Returns the products of which most was ordered. Of two with the same quantity the first SKU comes first. */
export function topProducts(
  quantities: ReadOnlyKeyValueStore<string, number>,
  { from, to }: Days,
  limit: number,
): readonly OrderedProduct[] {
  const bySku = new Map<string, number>();
  using found = quantities.range(from, `${to} \uffff`);
  for (const { key, value } of found) {
    const sku = key.slice(key.indexOf(' ') + 1);
    bySku.set(sku, (bySku.get(sku) ?? 0) + value);
  }
  return [...bySku]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .sort((one, other) => other.quantity - one.quantity || (one.sku < other.sku ? -1 : 1))
    .slice(0, limit);
}
