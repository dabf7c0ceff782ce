import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExtraListener, KafkaSettings } from '@millrace/embedded-kafka';
import { makeCertificates, type Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { kafkaTool } from './kafka-tool.ts';
import { startKafka } from './start-kafka.ts';

/** The listeners of `startSecuredKafka`. `MUTUAL` requires the client's certificate. */
export type SecuredListener = 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SASL_SSL' | 'SSL' | 'MUTUAL';

export interface SecuredKafka {
  readonly bootstrapServers: Readonly<Record<SecuredListener, string>>;
  readonly certificates: Certificates;
  /** The user that may log in with any mechanism. */
  readonly user: { readonly name: string; readonly password: string };
  stop(): Promise<void>;
}

const user = { name: 'millrace', password: 'mill-race-0' };
const host = '127.0.0.1';

/** Starts one node of Apache Kafka that listens in plain text, with credentials, and with TLS. */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-certificates-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  try {
    const certificates = await makeCertificates(folder);
    const ports = await freePorts(4);
    const listeners = (['SASL_PLAINTEXT', 'SASL_SSL', 'SSL', 'MUTUAL'] as const).map(
      (name, index): ExtraListener => {
        return { name, protocol: name === 'MUTUAL' ? 'SSL' : name, host, port: ports[index] ?? 0 };
      },
    );
    const kafka = await startKafka({ listeners, settings: { ...credentials, ...tlsOf(certificates) } });
    const [plaintext = ''] = kafka.bootstrapServers;
    const stop = () => kafka.stop().finally(forget);
    await addUser(plaintext).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    const places = Object.fromEntries(listeners.map(({ name, port }) => [name, `${host}:${port}`]));
    return {
      bootstrapServers: { ...places, PLAINTEXT: plaintext } as SecuredKafka['bootstrapServers'],
      certificates,
      user,
      stop,
    };
  } catch (error) {
    await forget();
    throw error;
  }
}

const loginOf = (listener: string): KafkaSettings => {
  const prefix = `listener.name.${listener}`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
    // Unsecured tokens, which nobody has signed.
    [`${prefix}.oauthbearer.sasl.jaas.config`]:
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ' +
      `unsecuredLoginStringClaim_sub="${user.name}";`,
    [`${prefix}.plain.sasl.jaas.config`]:
      'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
      `user_${user.name}="${user.password}";`,
  };
};

const credentials: KafkaSettings = { ...loginOf('sasl_plaintext'), ...loginOf('sasl_ssl') };

const tlsOf = ({ broker, ca }: Certificates): KafkaSettings => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': broker,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': ca,
  'listener.name.mutual.ssl.client.auth': 'required',
});

/** Adds one mechanism per request, because Kafka accepts only one for a user. */
const addUser = (bootstrapServer: string): Promise<unknown> =>
  Promise.all(
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) =>
      kafkaTool('kafka.admin.ConfigCommand', [
        '--bootstrap-server',
        bootstrapServer,
        '--alter',
        '--entity-type',
        'users',
        '--entity-name',
        user.name,
        '--add-config',
        `${mechanism}=[iterations=4096,password=${user.password}]`,
      ]),
    ),
  );
