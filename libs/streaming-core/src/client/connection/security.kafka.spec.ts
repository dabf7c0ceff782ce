import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSecuredKafka, type SecuredKafka, type SecuredListener } from '@millrace/testing/kafka';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin } from '../admin/admin.ts';
import {
  declare,
  fromStart,
  readRecords,
  sharesSettle,
  TestMember,
  textOf,
  uniqueName,
} from '../client.fixture.ts';
import { connectProducer } from '../producer/producer.ts';
import { answerJson, startTokenEndpoint, type TestTokenEndpoint } from './sasl/token-endpoint.fixture.ts';
import { unsignedToken } from './sasl/unsigned-token.fixture.ts';
import { readConnectionSecurity } from './security-settings.ts';

let kafka: SecuredKafka;
/**
 * Answers its first request with 503. The tokens that it issues for the scope `past` have expired.
 */
let tokenEndpoint: TestTokenEndpoint;
beforeAll(async () => {
  kafka = await startSecuredKafka();
  tokenEndpoint = await startTokenEndpoint((response, count, body) =>
    count === 1
      ? answerJson(response, 503, {})
      : answerJson(response, 200, {
          access_token: unsignedToken(kafka.user.name, body.includes('scope=past') ? -60_000 : 60_000),
          token_type: 'Bearer',
          expires_in: 60,
        }),
  );
}, 120_000);
afterAll(() => Promise.all([kafka?.stop(), tokenEndpoint?.stop()]));

type Environment = Readonly<Record<string, string>>;

const login = (mechanism: string): Environment => ({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: kafka.user.name,
  KAFKA_SASL_PASSWORD: kafka.user.password,
});
const tokenLogin = (): Environment => ({
  KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
  KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: tokenEndpoint.url.href,
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: 'millrace',
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: kafka.user.password,
});
const trust = (): Environment => ({ KAFKA_SSL_CA_FILE: kafka.certificates.ca });
const identity = (): Environment => ({
  KAFKA_SSL_CERT_FILE: kafka.certificates.clientCert,
  KAFKA_SSL_KEY_FILE: kafka.certificates.clientKey,
});

const place = (listener: SecuredListener, environment: Environment, host = '127.0.0.1') => ({
  bootstrapServers: [kafka.bootstrapServers[listener].replace('127.0.0.1', host)],
  security: readConnectionSecurity(environment),
});

const ways: ReadonlyArray<readonly [string, SecuredListener, () => Environment]> = [
  [
    'SCRAM-SHA-256',
    'SASL_PLAINTEXT',
    () => ({ KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT', ...login('SCRAM-SHA-256') }),
  ],
  ['PLAIN', 'SASL_PLAINTEXT', () => ({ KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT', ...login('PLAIN') })],
  [
    'SCRAM-SHA-512 over TLS',
    'SASL_SSL',
    () => ({ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', ...login('SCRAM-SHA-512'), ...trust() }),
  ],
  [
    'OAUTHBEARER over TLS, after an outage of the token endpoint',
    'SASL_SSL',
    () => ({ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', ...tokenLogin(), ...trust() }),
  ],
  ['TLS', 'SSL', () => ({ KAFKA_SECURITY_PROTOCOL: 'SSL', ...trust() })],
  [
    'TLS with a certificate of the client',
    'MUTUAL',
    () => ({ KAFKA_SECURITY_PROTOCOL: 'SSL', ...trust(), ...identity() }),
  ],
];

describe('a client of Apache Kafka', () => {
  it.each(ways)(
    'A10 administers, writes, reads and joins a group with %s',
    async (_way, listener, environment) => {
      const engine = place(listener, environment());
      const connection = { ...engine, clientId: 'security-test', logger: silentLogger };
      const admin = connectAdmin(connection);
      const producer = connectProducer(connection);
      const topic = uniqueName('secret-orders');
      await admin.createTopics([declare(topic, 1)]);
      await producer.send([{ topic, key: 'k', value: 'v' }]);
      const member = new TestMember(engine, uniqueName('group'), [topic]);
      await member.start();
      await sharesSettle([member], [1]);

      expect((await readRecords(member.consumer, fromStart(topic, 1), 1)).map(textOf)).toEqual(['v']);
      await member.consumer.commit([{ topic, partition: 0, offset: 1n }]);
      await Promise.all([admin.close(), producer.close(), member.close()]);
    },
  );

  it('connects to a broker by the host name in its certificate', async () => {
    const admin = connectAdmin({
      ...place('SSL', { KAFKA_SECURITY_PROTOCOL: 'SSL', ...trust() }, 'localhost'),
      clientId: 'named',
      logger: silentLogger,
    });
    expect((await admin.describeCluster()).brokers).toHaveLength(1);
    await admin.close();
  });

  it('Q05 names the token endpoint if it stays unavailable', async () => {
    const down = await startTokenEndpoint((response) => answerJson(response, 503, {}));
    const environment = {
      KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
      ...tokenLogin(),
      KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: down.url.href,
    };
    const admin = connectAdmin({
      ...place('SASL_PLAINTEXT', environment),
      clientId: 'waiting',
      logger: silentLogger,
      operationTimeoutMs: 1_000,
    });

    await expect(admin.describeCluster()).rejects.toMatchObject({
      kind: 'retriable',
      message: expect.stringContaining(`the token endpoint ${down.url.host} answered with status 503`),
    });
    await Promise.all([admin.close(), down.stop()]);
  });

  const refusals: ReadonlyArray<readonly [string, SecuredListener, () => Environment, string]> = [
    [
      'a wrong password',
      'SASL_SSL',
      () => ({ ...ways[2]![2](), KAFKA_SASL_PASSWORD: 'wrong' }),
      'KAFKA_SASL_PASSWORD',
    ],
    [
      'a wrong password over plain text',
      'SASL_PLAINTEXT',
      () => ({ ...ways[1]![2](), KAFKA_SASL_PASSWORD: 'wrong' }),
      'KAFKA_SASL_PASSWORD',
    ],
    [
      'a token that has expired',
      'SASL_SSL',
      () => ({ ...ways[3]![2](), KAFKA_SASL_OAUTHBEARER_SCOPE: 'past' }),
      'KAFKA_SASL_OAUTHBEARER_SCOPE',
    ],
    [
      'an unknown authority',
      'SSL',
      () => ({ KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SSL_CA_FILE: kafka.certificates.strangersCa }),
      'KAFKA_SSL_CA_FILE',
    ],
    ['plain text on a TLS port', 'SSL', () => ({}), 'KAFKA_SECURITY_PROTOCOL'],
    [
      'TLS on a plain-text port',
      'PLAINTEXT',
      () => ({ KAFKA_SECURITY_PROTOCOL: 'SSL', ...trust() }),
      'KAFKA_SECURITY_PROTOCOL',
    ],
  ];

  it.each(refusals)(
    'A10 learns which setting is wrong, and no secret, if it uses %s',
    async (_what, listener, environment, setting) => {
      const admin = connectAdmin({
        ...place(listener, environment()),
        clientId: 'refused',
        logger: silentLogger,
        operationTimeoutMs: 5_000,
      });

      const error = await admin.describeCluster().then(
        () => undefined,
        (reason: Error) => reason,
      );

      expect(error).toMatchObject({ code: 'access_refused', message: expect.stringContaining(setting) });
      expect(String(error?.stack)).not.toContain(kafka.user.password);
      await admin.close();
    },
  );
});
