import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { failureOf } from './failure.fixture.ts';
import { oauthBearerExchange, type OAuthBearerToken } from './oauth-bearer.ts';

/** The token and the extensions of the example in RFC 7628, section 4. */
const value = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==';
const extensions = { host: 'server.example.com', port: '143' };

const open = (token: OAuthBearerToken = { value }) => oauthBearerExchange({ token: () => token });

describe('an exchange of OAUTHBEARER', () => {
  it('sends the token with its extensions, and is complete after an empty answer', async () => {
    const exchange = open({ value, extensions });

    expect((await exchange.first()).toString()).toBe(
      `n,,\x01auth=Bearer ${value}\x01host=server.example.com\x01port=143\x01\x01`,
    );
    expect(await exchange.next(Buffer.alloc(0))).toBeUndefined();
  });

  it('asks the supplier for a token once per authentication', async () => {
    let supplied = 0;
    const token = async () => {
      supplied += 1;
      return { value: `token-${supplied}` };
    };

    const tokens = [];
    for (const exchange of [oauthBearerExchange({ token }), oauthBearerExchange({ token })]) {
      tokens.push((await exchange.first()).toString());
      await exchange.next(Buffer.alloc(0));
    }

    expect(tokens).toEqual(['n,,\x01auth=Bearer token-1\x01\x01', 'n,,\x01auth=Bearer token-2\x01\x01']);
  });

  it.each([
    ['{"status":"invalid_token","scope":"orders","openid-configuration":"https://x"}', '(invalid_token)'],
    [`{"status":"${value}"}`, 'rejected the token:'],
    ['{}', 'rejected the token:'],
    ['null', 'not the JSON'],
    [value, 'not the JSON'],
  ])('answers %s with the byte 1, and then fails whatever the broker says', async (answer, reason) => {
    const exchange = open();
    await exchange.first();

    expect(await exchange.next(Buffer.from(answer))).toEqual(Buffer.from([1]));
    const failure = await failureOf(exchange.next(Buffer.alloc(0)));

    expect(failure).toMatchObject({ code: 'access_refused', message: expect.stringContaining(reason) });
    expect(inspect(failure)).not.toContain(value);
  });

  it.each([undefined, null, value, { token: value }, { value: 7 }])(
    'fails if the supplier returns no token but another value (%#)',
    async (given) => {
      const failure = await failureOf(oauthBearerExchange({ token: () => given as never }).first());

      expect(failure).toMatchObject({
        code: 'access_refused',
        message: expect.stringContaining('has to return an object with the token as `value`'),
      });
      expect(inspect(failure)).not.toContain(value);
    },
  );

  it.each<[string, OAuthBearerToken]>([
    ['an empty token', { value: '' }],
    ['a token with a separator', { value: `${value}\x01admin=true` }],
    ['a token with a line break', { value: `${value}\n` }],
    ['a token over the limit', { value: value.repeat(4_000).replaceAll('=', '') }],
    ['an extension that is named like the token', { value, extensions: { auth: 'Bearer x' } }],
    ['an extension with a name that is not of letters', { value, extensions: { 'a=b': 'x' } }],
    ['an extension with a separator', { value, extensions: { a: 'x\x01auth=Bearer y' } }],
  ])('A11 refuses %s without quoting it', async (_what, token) => {
    const failure = await failureOf(open(token).first());

    expect(failure.code).toBe('access_refused');
    expect(inspect(failure)).not.toMatch(/vF9dft4q|Bearer/);
  });

  it('fails with the error of the supplier as its cause', async () => {
    const cause = new Error('the token endpoint is down');

    const failure = await failureOf(oauthBearerExchange({ token: () => Promise.reject(cause) }).first());

    expect(failure).toMatchObject({ code: 'access_refused', cause });
  });
});
