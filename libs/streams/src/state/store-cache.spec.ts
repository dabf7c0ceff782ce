import { describe, expect, it } from '@jest/globals';
import { StoreCache } from './store-cache.ts';

const context = { topic: 'in', partition: 0, offset: 0n, timestampMs: 0, headers: [] };

describe('the part of a store in the cache', () => {
  it.each([
    ['flushes', 100_000_000, 200_000],
    ['evicts', 20_000_000, 300_000],
  ])('%s more entries at once than a call can have arguments', (_what, bytesMax, keys) => {
    const written: number[] = [];
    const part = new StoreCache({ bytesMax }).open((entries) => void written.push(entries.length));
    for (let index = 0; index < keys; index += 1)
      part.write(Buffer.from(`key ${index}`), Buffer.from('value'), context);
    part.flush();

    expect(Math.max(...written)).toBeGreaterThanOrEqual(200_000);
    expect(written.reduce((sum, entries) => sum + entries, 0)).toBe(keys);
  });
});
