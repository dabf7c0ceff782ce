import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaTool, startSecuredKafka, type SecuredKafka } from '@millrace/testing/kafka';
import { saslAuthenticate, saslHandshake } from '../../../protocol/apis/handshake.ts';
import { WireClient } from '../../../protocol/testing/wire-client.ts';
import { exchangeOf, type SaslLogin } from './sasl-login.ts';
import { unsignedToken } from './unsigned-token.fixture.ts';

let kafka: SecuredKafka;
beforeAll(async () => {
  kafka = await startSecuredKafka();
}, 120_000);
afterAll(() => kafka?.stop());

/** The steps of one authentication: the error code of each answer, and `complete` at its end. */
async function stepsOf(login: SaslLogin): Promise<ReadonlyArray<number | 'complete'>> {
  const [host = '', port = ''] = kafka.bootstrapServers.SASL_PLAINTEXT.split(':');
  const client = await WireClient.connect({ host, port: Number(port) });
  const exchange = exchangeOf(login, randomBytes(24).toString('base64url'));
  try {
    const { errorCode } = await client.send(saslHandshake, 1, { mechanism: exchange.mechanism });
    const steps: Array<number | 'complete'> = [errorCode];
    let token: Buffer | undefined = await exchange.first();
    while (token !== undefined) {
      const answer = await client.send(saslAuthenticate, 2, { authBytes: token });
      steps.push(answer.errorCode);
      if (answer.errorCode !== 0) return steps;
      token = await exchange.next(answer.authBytes);
    }
    return [...steps, 'complete'];
  } finally {
    client.close();
  }
}

const addUser = (name: string, credentials: string) =>
  kafkaTool('kafka.admin.ConfigCommand', [
    '--bootstrap-server',
    kafka.bootstrapServers.PLAINTEXT,
    '--alter',
    '--entity-type',
    'users',
    '--entity-name',
    name,
    '--add-config',
    credentials,
  ]);

describe('an exchange with Apache Kafka', () => {
  it.each([
    ['PLAIN', [0, 0, 'complete']],
    ['SCRAM-SHA-256', [0, 0, 0, 'complete']],
    ['SCRAM-SHA-512', [0, 0, 0, 'complete']],
  ] as const)('A11 of %s is complete after the last answer', async (mechanism, steps) => {
    const { name, password } = kafka.user;
    expect(await stepsOf({ mechanism, username: name, password: () => password })).toEqual(steps);
  });

  it.each([
    ['PLAIN', [0, 58]],
    ['SCRAM-SHA-256', [0, 0, 58]],
    ['SCRAM-SHA-512', [0, 0, 58]],
  ] as const)('A11 of %s with a wrong password ends with an error', async (mechanism, steps) => {
    expect(await stepsOf({ mechanism, username: kafka.user.name, password: () => 'wrong' })).toEqual(steps);
  });

  it('A11 of OAUTHBEARER is complete after an empty answer, and answers a rejected token', async () => {
    const login = (lifetimeMs: number) =>
      ({
        mechanism: 'OAUTHBEARER',
        token: () => ({ value: unsignedToken(kafka.user.name, lifetimeMs), extensions: { traceId: '7' } }),
      }) as const;

    expect(await stepsOf(login(60_000))).toEqual([0, 0, 'complete']);
    expect(await stepsOf(login(-60_000))).toEqual([0, 0, 58]);
  });

  it('logs in with separators of SCRAM in the user name, and with a password that NFKC would change', async () => {
    await addUser('a=b=2C', 'SCRAM-SHA-256=[iterations=8192,password=ﬁsh½=]');
    const login = { mechanism: 'SCRAM-SHA-256', username: 'a=b=2C' } as const;

    expect(await stepsOf({ ...login, password: () => 'ﬁsh½=' })).toEqual([0, 0, 0, 'complete']);
    expect(await stepsOf({ ...login, password: () => 'ﬁsh½='.normalize('NFKC') })).toEqual([0, 0, 58]);
  });
});
