import type { Money, OrderLine, PricedLine } from '@millrace/contracts';
import { rejected, type Rejected } from '@millrace/event-sourcing';

export type PricingRejection = 'unknown_product' | 'several_currencies' | 'total_too_large';

export interface PricedOrder {
  readonly lines: readonly PricedLine[];
  readonly total: Money;
}

/**
 * Prices every line from the given price list. Rejects unknown products, several currencies in one
 * order, and a total that JSON cannot carry exactly.
 */
export function priceOrder(
  lines: readonly OrderLine[],
  prices: ReadonlyMap<string, Money>,
): PricedOrder | Rejected<PricingRejection> {
  const unknown = lines.map(({ sku }) => sku).filter((sku) => !prices.has(sku));
  if (unknown.length > 0) return rejected('unknown_product', { skus: unknown });
  const currencies = [...new Set(lines.map(({ sku }) => prices.get(sku)?.currency ?? ''))];
  const [currency = ''] = currencies;
  if (currencies.length > 1) return rejected('several_currencies', { currencies });
  const priced = lines.map(({ sku, quantity }) => ({
    sku,
    quantity,
    unitPrice: prices.get(sku)?.amount ?? 0,
  }));
  const amount = priced.reduce(
    (total, { quantity, unitPrice }) => total + BigInt(quantity) * BigInt(unitPrice),
    0n,
  );
  if (amount > BigInt(Number.MAX_SAFE_INTEGER))
    return rejected('total_too_large', { amountMax: Number.MAX_SAFE_INTEGER });
  return { lines: priced, total: { amount: Number(amount), currency } };
}
