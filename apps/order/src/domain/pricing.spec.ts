import { describe, expect, it } from '@jest/globals';
import { priceOrder } from './pricing.ts';

const prices = new Map([
  ['lamp', { amount: 12_50, currency: 'EUR' }],
  ['chair', { amount: 90_00, currency: 'EUR' }],
  ['import', { amount: 1, currency: 'USD' }],
  ['palace', { amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' }],
]);

describe('pricing an order', () => {
  it('multiplies prices by quantities and adds up the lines', () => {
    const lines = [
      { sku: 'lamp', quantity: 2 },
      { sku: 'chair', quantity: 1 },
    ];
    expect(priceOrder(lines, prices)).toEqual({
      lines: [
        { sku: 'lamp', quantity: 2, unitPrice: 12_50 },
        { sku: 'chair', quantity: 1, unitPrice: 90_00 },
      ],
      total: { amount: 115_00, currency: 'EUR' },
    });
  });

  it('names the products that it does not know', () => {
    expect(priceOrder([{ sku: 'unicorn', quantity: 1 }], prices)).toEqual({
      rejected: 'unknown_product',
      details: { skus: ['unicorn'] },
    });
  });

  it('refuses several currencies in one order', () => {
    const lines = ['lamp', 'import'].map((sku) => ({ sku, quantity: 1 }));
    expect(priceOrder(lines, prices)).toMatchObject({ rejected: 'several_currencies' });
  });

  it('refuses a total that is too large to be exact', () => {
    expect(priceOrder([{ sku: 'palace', quantity: 2 }], prices)).toMatchObject({
      rejected: 'total_too_large',
    });
  });
});
