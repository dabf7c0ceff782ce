import { describe, expect, it } from '@jest/globals';
import { until } from './until.ts';

describe('waiting for a condition', () => {
  it('ends when the condition is met', async () => {
    let asked = 0;
    await until('the third time', 5_000, () => ++asked === 3);

    expect(asked).toBe(3);
  });

  it('rejects at the limit with the state that it found last', async () => {
    let seen = 'not asked yet';
    const waiting = until(
      () => `an end: ${seen}`,
      20,
      () => {
        seen = 'still going';
        return false;
      },
    );

    await expect(waiting).rejects.toThrow('waited 20 ms for an end: still going');
  });

  it('rejects at once with the error that the condition throws', async () => {
    const waiting = until('an end', 60_000, () => {
      throw new Error('it has crashed');
    });

    await expect(waiting).rejects.toThrow('it has crashed');
  });
});
