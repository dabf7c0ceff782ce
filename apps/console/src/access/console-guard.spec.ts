import { describe, expect, it } from '@jest/globals';
import type { RequestGuard } from '@millrace/service-chassis/app';
import { consoleGuard } from './console-guard.ts';

const token = 'a-token-of-this-test';
const open = { token: undefined, tokenInFile: undefined, readOnly: false };

interface Asked {
  readonly ip?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns the code with which spans are refused, or undefined if they are accepted. */
function refusalOfSpans(
  access: Parameters<typeof consoleGuard>[0],
  { ip = '127.0.0.1', host = '127.0.0.1', headers = {} }: Asked = {},
) {
  const request = { hostname: host, ip, headers, method: 'POST', routeOptions: { url: '/v1/traces' } };
  return consoleGuard(access)(request as unknown as Parameters<RequestGuard>[0])?.problem.code;
}

describe('the guard of the console', () => {
  it('accepts spans of this machine without a header and a session, even if it is read-only', () => {
    expect(refusalOfSpans(open)).toBeUndefined();
    expect(refusalOfSpans({ ...open, token, readOnly: true })).toBeUndefined();
    expect(refusalOfSpans(open, { ip: '::ffff:127.0.0.1', host: '[::1]' })).toBeUndefined();
  });

  it('accepts spans from elsewhere only with the token', () => {
    const elsewhere = { ip: '192.0.2.7', host: 'console.example' };
    const bearer = (given: string) => ({ ...elsewhere, headers: { authorization: `Bearer ${given}` } });

    expect(refusalOfSpans({ ...open, token }, elsewhere)).toBe('not_a_sender');
    expect(refusalOfSpans({ ...open, token }, bearer('another'))).toBe('not_a_sender');
    expect(refusalOfSpans({ ...open, token }, bearer(token))).toBeUndefined();
    expect(refusalOfSpans(open, { ip: '192.0.2.7' })).toBe('not_a_sender');
  });

  it('accepts no spans from a page of another origin, or from a proxy that hides the sender', () => {
    expect(refusalOfSpans(open, { headers: { origin: 'http://other.example', host: '127.0.0.1' } })).toBe(
      'not_a_sender',
    );
    expect(refusalOfSpans({ ...open, token }, { host: 'console.example' })).toBe('not_a_sender');
  });
});
