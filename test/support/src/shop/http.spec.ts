import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, Refused, request } from './http.ts';

const realFetch = globalThis.fetch;
/** The outcomes of the calls, in order. */
const outcomes: (Response | Error)[] = [];
const keys: (string | undefined)[] = [];

beforeEach(() => {
  globalThis.fetch = async (_url, { headers } = {}) => {
    keys.push((headers as Record<string, string>)['idempotency-key']);
    const outcome = outcomes.shift();
    if (outcome instanceof Response) return outcome;
    throw outcome ?? new Error('an unexpected call');
  };
});
afterEach(() => {
  globalThis.fetch = realFetch;
  outcomes.length = 0;
  keys.length = 0;
});

const url = 'http://service.invalid/accounts';
const json = (status: number, body: unknown) => Response.json(body, { status });
const broken = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

describe('a call of a test', () => {
  it('is repeated with the same idempotency key when a POST lost its answer, is still in flight or met an unavailable service', async () => {
    const failures = [
      broken('ECONNREFUSED'),
      broken('ECONNRESET'),
      json(409, { code: 'request_in_flight' }),
      json(503, {}),
      json(429, {}),
    ];
    outcomes.push(...failures, json(201, { balance: 1 }));

    expect(await ask('POST', url, { amount: 1 })).toEqual({ balance: 1 });
    expect(new Set(keys).size).toBe(1);
    expect(keys).toEqual(Array.from({ length: 6 }, () => expect.stringMatching(/^[0-9a-f-]{36}$/)));
  });

  it('is repeated when a GET lost its answer', async () => {
    outcomes.push(broken('ECONNRESET'), json(200, { balance: 1 }));

    expect(await ask('GET', url)).toEqual({ balance: 1 });
    expect(keys).toEqual([undefined, undefined]);
  });

  it.each([409, 500])('is not repeated after a %i and reports its code', async (status) => {
    outcomes.push(json(status, { code: 'the_reason' }), json(200, {}));

    const asked = ask('POST', url).catch((error: unknown) => error);

    expect(await asked).toMatchObject({ name: Refused.name, code: 'the_reason', answer: { status } });
    expect(outcomes).toHaveLength(1);
  });

  it('returns text as text', async () => {
    outcomes.push(new Response('up 1', { headers: { 'content-type': 'text/plain' } }));

    expect((await request('GET', url)).body).toBe('up 1');
  });
});
