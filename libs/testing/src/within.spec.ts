import { describe, expect, it } from '@jest/globals';
import { inTime } from './within.ts';

describe('a wait for a promise', () => {
  it('settles as the promise does', async () => {
    await expect(inTime(Promise.resolve('here'), () => 'it')).resolves.toBe('here');
    await expect(inTime(Promise.reject(new Error('broken')), () => 'it')).rejects.toThrow('broken');
  });

  it('rejects at its limit, and says what it sees then', async () => {
    let seen = 'nothing yet';
    const waiting = inTime(new Promise(() => undefined), () => `the end: ${seen}`, 1);
    seen = 'half of it';
    await expect(waiting).rejects.toThrow('waited 1 ms for the end: half of it');
  });
});
