import { describe, expect, it } from '@jest/globals';
import { whyUnreachable } from './connections.ts';

const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`);

describe('the reason of a failed connection', () => {
  it.each([
    ['a refused address', refused('127.0.0.1:1'), 'connect ECONNREFUSED 127.0.0.1:1'],
    [
      'a name with several addresses',
      new AggregateError([refused('::1:1'), refused('127.0.0.1:1')]),
      'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    ],
    [
      'a request of fetch',
      new TypeError('fetch failed', { cause: new AggregateError([refused('::1:1')]) }),
      'connect ECONNREFUSED ::1:1',
    ],
    ['a request that took too long', new DOMException('x', 'TimeoutError'), 'no answer in time'],
    ['an error without a message', 'lost', 'lost'],
  ])('is found in %s', (_what, error, reason) => {
    expect(whyUnreachable(error)).toBe(reason);
  });
});
