import { describe, expect, it } from '@jest/globals';
import { bytesAfter } from './page.ts';

const each = { bytes: 600, indexBytes: 400 };
const aDayAtOne = 86_400_000;

describe('the data after some days', () => {
  it('is all that was ever written to a table or topic without retention', () => {
    expect(bytesAfter('event', each, 1, 365)).toBe(365 * aDayAtOne);
    expect(bytesAfter('order-events', each, 2, 30)).toBe(60 * aDayAtOne);
  });

  it('is only as much as the retention allows', () => {
    expect(bytesAfter('outbox', each, 1, 365)).toBe(3 * aDayAtOne);
    expect(bytesAfter('inbox', each, 1, 30)).toBe(30 * aDayAtOne);
    expect(bytesAfter('inbox', each, 1, 365)).toBe(32 * aDayAtOne);
    expect(bytesAfter('inventory-commands', each, 1, 365)).toBe(7 * aDayAtOne);
    expect(bytesAfter('external_call', each, 1, 365)).toBe(0);
  });
});
