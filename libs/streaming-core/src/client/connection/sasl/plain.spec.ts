import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { failureOf } from './failure.fixture.ts';
import { plainExchange } from './sasl-login.ts';

const exchangeOf = (username: string, password: string) =>
  plainExchange({ username, password: () => password });

describe('an exchange of PLAIN', () => {
  it('sends the token of RFC 4616 and is complete after an empty answer', async () => {
    const exchange = exchangeOf('tim', 'tanstaaftanstaaf');

    expect((await exchange.first()).toString()).toBe('\0tim\0tanstaaftanstaaf');
    expect(await exchange.next(Buffer.alloc(0))).toBeUndefined();
  });

  it('sends text beyond ASCII as UTF-8', async () => {
    expect(await exchangeOf('jürgen', 'ﬁsh, = ½ 🐟').first()).toEqual(
      Buffer.from('\0jürgen\0ﬁsh, = ½ 🐟', 'utf8'),
    );
  });

  it.each([
    ['an empty user name', '', 'secret', 'KAFKA_SASL_USERNAME'],
    ['a NUL in the user name', 'ti\0m', 'secret', 'KAFKA_SASL_USERNAME'],
    ['an empty password', 'tim', '', 'KAFKA_SASL_PASSWORD'],
    ['a NUL in the password', 'tim', 'sec\0ret', 'KAFKA_SASL_PASSWORD'],
    ['a line break in the password', 'tim', 'secret\n', 'KAFKA_SASL_PASSWORD'],
    ['half a surrogate pair in the password', 'tim', 'secret\ud83d', 'KAFKA_SASL_PASSWORD'],
  ])('refuses %s and names the setting', async (_what, username, password, setting) => {
    const failure = await failureOf(exchangeOf(username, password).first());

    expect(failure).toMatchObject({ code: 'access_refused', message: expect.stringContaining(setting) });
    expect(inspect(failure)).not.toContain('sec');
  });

  it('refuses a password function that returns no text', async () => {
    const failure = await failureOf(
      plainExchange({ username: 'tim', password: () => undefined as never }).first(),
    );

    expect(failure).toMatchObject({
      code: 'access_refused',
      message: expect.stringContaining('the password has type undefined: give a string'),
    });
  });

  it('fails if the broker answers with data', async () => {
    const exchange = exchangeOf('tim', 'secret');
    await exchange.first();

    const failure = await failureOf(exchange.next(Buffer.from('more?')));

    expect(failure.message).toMatch(/^authentication with PLAIN: the broker answered with data/);
  });
});
