import { describe, expect, it } from '@jest/globals';
import { refuseName } from './key-names.ts';

describe('the name of a key', () => {
  const refusal = (holder: string, subject: string) => {
    try {
      refuseName({ holder, subject });
      return undefined;
    } catch (error) {
      return (error as { readonly code?: unknown }).code;
    }
  };

  it('is refused before it fails the statement of other callers: if it is empty, too long or has a NUL', () => {
    expect(refusal('carrier', 'ada')).toBeUndefined();
    const bad = [
      ['', 'ada'],
      ['c'.repeat(64), 'ada'],
      ['carrier', ''],
      ['carrier', 'a'.repeat(256)],
      ['carrier', 'a\0da'],
    ] as const;
    for (const [holder, subject] of bad) expect(refusal(holder, subject)).toBe('invalid_name');
  });
});
