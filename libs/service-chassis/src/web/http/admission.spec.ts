import { describe, expect, it } from '@jest/globals';
import { clientOf, rateLimit } from './admission.ts';

const taken = (limit: ReturnType<typeof rateLimit>, client: string, nowMs: number, count: number) =>
  Array.from({ length: count }, () => limit.take(client, nowMs)).filter((waitMs) => waitMs === 0).length;

describe('the rate of requests', () => {
  it("admits one second's worth at once, and then its rate", () => {
    const limit = rateLimit({ perSecond: 0, perClientAndSecond: 10 });
    expect(taken(limit, 'a', 5_000, 50)).toBe(10);
    expect(taken(limit, 'a', 5_100, 50)).toBe(1);
    expect(taken(limit, 'a', 5_600, 50)).toBe(5);
    expect(taken(limit, 'a', 90_000, 50)).toBe(10);
  });

  it('tells a refused caller exactly how long to wait', () => {
    const limit = rateLimit({ perSecond: 0, perClientAndSecond: 2 });
    taken(limit, 'a', 0, 2);
    expect(limit.take('a', 0)).toBe(500);
    expect(limit.take('a', 499)).toBe(1);
    expect(limit.take('a', 500)).toBe(0);
  });

  it('I09 applies to each address and to all of them together', () => {
    const limit = rateLimit({ perSecond: 15, perClientAndSecond: 10 });
    expect(taken(limit, 'a', 0, 50)).toEqual(10);
    expect(taken(limit, 'b', 0, 50)).toEqual(5);
    expect(taken(limit, 'c', 0, 50)).toEqual(0);
    expect(taken(limit, 'b', 1_000, 50)).toBe(10); // refused requests took nothing from the bucket
  });

  it('is unlimited at 0', () => {
    expect(taken(rateLimit({ perSecond: 0, perClientAndSecond: 0 }), 'a', 0, 10_000)).toBe(10_000);
  });

  it('remembers a limited number of addresses', () => {
    const limit = rateLimit({ perSecond: 0, perClientAndSecond: 1, clientsMax: 2 });
    expect(['a', 'b', 'c'].map((client) => limit.take(client, 0))).toEqual([0, 0, 0]);
    expect(limit.take('c', 0) > 0).toEqual(true);
    expect(limit.take('b', 0) > 0).toEqual(true);
    expect(limit.take('a', 0)).toEqual(0);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('counts %s as the caller %s', (address, client) => {
    expect(clientOf(address)).toBe(client);
  });
});
