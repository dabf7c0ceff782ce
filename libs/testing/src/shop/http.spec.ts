import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AnswerLost, ask, Refused, request } from './http.ts';

const realFetch = globalThis.fetch;
/** What the calls meet, one after the other. */
const outcomes: (Response | Error)[] = [];

beforeEach(() => {
  globalThis.fetch = async () => {
    const outcome = outcomes.shift();
    if (outcome instanceof Response) return outcome;
    throw outcome ?? new Error('a call too many');
  };
});
afterEach(() => {
  globalThis.fetch = realFetch;
  outcomes.length = 0;
});

const url = 'http://service.invalid/accounts';
const json = (status: number, body: unknown) => Response.json(body, { status });
const broken = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

describe('a call of a test', () => {
  it('is never made twice where that could do it twice: a POST whose answer was lost', async () => {
    outcomes.push(broken('ECONNRESET'), json(201, {}));

    await expect(ask('POST', url, { amount: 1 })).rejects.toThrow(AnswerLost);
    expect(outcomes).toHaveLength(1);
  });

  it.each([
    ['a POST that reached nobody', 'POST', broken('ECONNREFUSED')],
    ['a POST that the service could not do just now', 'POST', json(503, { code: 'temporarily_unavailable' })],
    ['a GET whose answer was lost', 'GET', broken('ECONNRESET')],
  ])('is repeated: %s', async (_what, method, first) => {
    outcomes.push(first, json(200, { balance: 1 }));

    expect(await ask(method, url)).toEqual({ balance: 1 });
  });

  it.each([409, 500])('is not repeated after a %i, and tells its code', async (status) => {
    outcomes.push(json(status, { code: 'the_reason' }), json(200, {}));

    const asked = ask('POST', url).catch((error: unknown) => error);

    expect(await asked).toMatchObject({ name: Refused.name, code: 'the_reason', answer: { status } });
    expect(outcomes).toHaveLength(1);
  });

  it('gives text as text', async () => {
    outcomes.push(new Response('up 1', { headers: { 'content-type': 'text/plain' } }));

    expect((await request('GET', url)).body).toBe('up 1');
  });
});
