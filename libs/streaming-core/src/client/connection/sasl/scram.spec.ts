import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { ClientError } from '../../errors/client-error.ts';
import { failureOf } from './failure.fixture.ts';
import { answerBytesMax } from './sasl-exchange.ts';
import { scramExchange, type ScramMechanism } from './scram.ts';

const nonce = 'rOprNGfwEbeRWgbNEkqO';
/** The example of RFC 7677, and a widely used one of the same user with SHA-512. */
const examples = {
  'SCRAM-SHA-256': {
    serverNonce: `${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`,
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
  'SCRAM-SHA-512': {
    serverNonce: `${nonce}02431b08-2f89-4bad-a4e6-80c0564ec865`,
    salt: 'Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=',
    proof: 'Hc5yec3NmCD7t+kFRw4/3yD6/F3SQHc7AVYschRja+Bc3sbdjlA0eH1OjJc0DD4ghn1tnXN5/Wr6qm9xmaHt4A==',
    signature: 'BQuhnKHqYDwQWS5jAw4sZed+C9KFUALsbrq81bB0mh+bcUUbbMPNNmBIupnS2AmyyDnG5CTBQtkjJ9kyY4kzmw==',
  },
} as const;
const { serverNonce, salt, signature } = examples['SCRAM-SHA-256'];
const serverFirst = `r=${serverNonce},s=${salt},i=4096`;

const open = (mechanism: ScramMechanism = 'SCRAM-SHA-256', username = 'user', password = 'pencil') =>
  scramExchange({ mechanism, username, password: () => password, nonce });

async function begun() {
  const exchange = open();
  await exchange.first();
  return exchange;
}

async function proven() {
  const exchange = await begun();
  await exchange.next(Buffer.from(serverFirst));
  return exchange;
}

describe.each(Object.entries(examples))('an exchange of %s', (mechanism, example) => {
  it('has the messages of the published example, and is complete once the signature is verified', async () => {
    const exchange = open(mechanism as ScramMechanism);

    expect((await exchange.first()).toString()).toBe(`n,,n=user,r=${nonce}`);
    const token = await exchange.next(Buffer.from(`r=${example.serverNonce},s=${example.salt},i=4096`));
    expect(token?.toString()).toBe(`c=biws,r=${example.serverNonce},p=${example.proof}`);
    expect(await exchange.next(Buffer.from(`v=${example.signature}`))).toBeUndefined();
  });
});

describe('an exchange of SCRAM', () => {
  it('escapes the separators in the user name', async () => {
    expect((await open('SCRAM-SHA-256', 'a=b,c==2C').first()).toString()).toBe(
      `n,,n=a=3Db=2Cc=3D=3D2C,r=${nonce}`,
    );
  });

  it('ignores optional extensions after the fields that it knows', async () => {
    const exchange = await begun();
    expect(await exchange.next(Buffer.from(`${serverFirst},x=later`))).toBeDefined();
  });

  it.each([
    [
      'a nonce that is not an extension of its own',
      `r=other${serverNonce},s=${salt},i=4096`,
      'does not extend',
    ],
    ['its own nonce sent back', `r=${nonce},s=${salt},i=4096`, 'does not extend'],
    ['too few iterations', `r=${serverNonce},s=${salt},i=4095`, '4095 iterations'],
    ['too many iterations', `r=${serverNonce},s=${salt},i=1000001`, '1000001 iterations'],
    ['a count that is no number', `r=${serverNonce},s=${salt},i=0x2000`, 'malformed'],
    ['no salt', `r=${serverNonce},s=,i=4096`, 'salt'],
    ['a salt that is not base64', `r=${serverNonce},s=W22Z!,i=4096`, 'salt'],
    ['an extension that it must know', `m=tls,${serverFirst}`, 'extension'],
    ['fields in another order', `s=${salt},r=${serverNonce},i=4096`, 'malformed'],
    ['the final message instead of the first', `v=${signature}`, 'malformed'],
    ['an empty answer', '', 'without proving'],
    ['an answer over the limit', `${serverFirst},x=${'x'.repeat(answerBytesMax)}`, `over ${answerBytesMax}`],
    ['an error', 'e=unknown-user', '(unknown-user): check KAFKA_SASL_USERNAME'],
    ['an error with other text', 'e=pencil is wrong', '(other-error): check KAFKA_SASL_USERNAME'],
  ])('fails on %s in answer to its first message', async (_what, answer, reason) => {
    const exchange = await begun();

    const failure = await failureOf(exchange.next(Buffer.from(answer, 'latin1')));

    expect(failure).toMatchObject({ code: 'access_refused', message: expect.stringContaining(reason) });
  });

  const tampered = Buffer.from(signature, 'base64');
  tampered.writeUInt8(tampered.readUInt8(31) ^ 1, 31);

  it.each([
    ['a signature with one changed bit', `v=${tampered.toString('base64')}`, 'has not proven'],
    ['a part of the signature', `v=${tampered.subarray(0, 16).toString('base64')}`, 'has not proven'],
    ['a signature of SHA-512', `v=${examples['SCRAM-SHA-512'].signature}`, 'has not proven'],
    ['no signature', 'v=', 'malformed'],
    ['a repetition of its first message', serverFirst, 'malformed'],
    ['an empty answer', '', 'without proving'],
    ['bytes that are not UTF-8', 'v=\xff', 'not UTF-8'],
    ['an error', 'e=invalid-proof', '(invalid-proof): check KAFKA_SASL_USERNAME'],
  ])('A11 fails on %s in answer to its proof', async (_what, answer, reason) => {
    const exchange = await proven();

    const failure = await failureOf(exchange.next(Buffer.from(answer, 'latin1')));

    expect(failure).toMatchObject({ code: 'access_refused', message: expect.stringContaining(reason) });
  });

  it('A11 stays over after a failure, even if the right answer follows', async () => {
    const exchange = await proven();
    await failureOf(exchange.next(Buffer.alloc(0)));

    const failure = await failureOf(exchange.next(Buffer.from(`v=${signature}`)));

    expect(failure.message).toContain('none was expected');
  });

  it('takes no answer before its first message, and begins only once', async () => {
    const exchange = open();
    expect((await failureOf(exchange.next(Buffer.from(serverFirst)))).message).toContain('none was expected');
    await exchange.first();

    await expect(exchange.first()).rejects.toThrow('create another one');
  });

  it('rejects a nonce that would break its messages', () => {
    for (const wrong of ['', 'a,b', 'a b', 'ä'])
      expect(() =>
        scramExchange({ mechanism: 'SCRAM-SHA-256', username: 'u', password: () => 'p', nonce: wrong }),
      ).toThrow(TypeError);
  });

  it('A11 rejects arbitrary bytes with an error that contains no credentials', async () => {
    const part = fc.constantFrom(
      'r=',
      nonce,
      'pencil',
      ',',
      's=',
      salt,
      'i=4096',
      'v=',
      'e=',
      'm=',
      '=',
      '\xff',
    );
    const answers = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.array(part, { maxLength: 8 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    );
    await fc.assert(
      fc.asyncProperty(answers, fc.boolean(), async (answer, first) => {
        const exchange = first ? await begun() : await proven();
        const outcome = await exchange.next(answer).catch((error: unknown) => error);
        expect(outcome).toBeInstanceOf(ClientError);
        expect(inspect(outcome, { depth: 5 })).not.toMatch(/pencil|"user"/);
      }),
      { numRuns: 100 },
    );
  });
});
