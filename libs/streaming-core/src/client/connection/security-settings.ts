import { readFileSync } from 'node:fs';
import { systemClock } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import { readSasl, saslVariables, type SaslVariable } from './sasl-settings.ts';
import { tlsContext, type ConnectionSecurity, type TlsFiles } from './security.ts';
import { oneOf, refuse, type Given } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
type SecurityProtocol = (typeof protocols)[number];

const protocolVariable = 'KAFKA_SECURITY_PROTOCOL';
const sslVariables = [
  'KAFKA_SSL_CA_FILE',
  'KAFKA_SSL_CERT_FILE',
  'KAFKA_SSL_KEY_FILE',
  'KAFKA_SSL_KEY_PASSWORD',
] as const;

type SecurityVariable = typeof protocolVariable | SaslVariable | (typeof sslVariables)[number];

interface SecuritySetting {
  readonly byDefault: string;
  /** Says on the page of settings what the variable determines, in whole sentences. */
  readonly meaning: string;
}

/** The environment variables that configure the security of a connection. */
export const securitySettings: Readonly<Record<SecurityVariable, SecuritySetting>> = {
  KAFKA_SECURITY_PROTOCOL: {
    byDefault: 'default: `PLAINTEXT`',
    meaning: '`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.',
  },
  KAFKA_SASL_MECHANISM: {
    byDefault: 'required by SASL',
    meaning: '`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`.',
  },
  KAFKA_SASL_USERNAME: { byDefault: 'required by PLAIN and SCRAM', meaning: 'The user.' },
  KAFKA_SASL_PASSWORD: {
    byDefault: 'required by PLAIN and SCRAM',
    meaning: 'The password. It is used as it is written, and never printed.',
  },
  KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: {
    byDefault: 'required by OAUTHBEARER',
    meaning:
      'The URL from which the client gets its token, by client credentials. It must begin with ' +
      '`https://`, unless the host is loopback. Node.js must trust its certificate ' +
      '(`NODE_EXTRA_CA_CERTS`).',
  },
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: {
    byDefault: 'required by OAUTHBEARER',
    meaning: 'The id of the client at that endpoint.',
  },
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: {
    byDefault: 'required by OAUTHBEARER',
    meaning: "The client's secret. It is used as it is written, and never printed.",
  },
  KAFKA_SASL_OAUTHBEARER_SCOPE: {
    byDefault: 'default: none',
    meaning: 'The scope of the token, for endpoints that need one.',
  },
  KAFKA_SSL_CA_FILE: {
    byDefault: 'default: the certificate authorities of Node.js',
    meaning:
      "A PEM file with the authorities that may sign the brokers' certificates. A certificate must " +
      'name the host in the address.',
  },
  KAFKA_SSL_CERT_FILE: {
    byDefault: 'default: none',
    meaning:
      "A PEM file with the client's certificate, for brokers that ask for one (mutual TLS). It " +
      'needs `KAFKA_SSL_KEY_FILE`.',
  },
  KAFKA_SSL_KEY_FILE: { byDefault: 'default: none', meaning: "A PEM file with the client's key." },
  KAFKA_SSL_KEY_PASSWORD: { byDefault: 'default: none', meaning: 'The password of that key.' },
};

/** The names of these variables, for code that passes an environment on. */
export const securityVariables: readonly string[] = Object.keys(securitySettings);

/**
 * The settings that `readConnectionSecurity` read are incomplete or contradict each other. The
 * message has one line per problem and never contains a secret.
 */
export class SecuritySettingsError extends ClientError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('settings_refused', problems.join('\n'));
    this.name = 'SecuritySettingsError';
    this.problems = problems;
  }
}

/**
 * Reads the usual settings of Kafka clients from the environment: `KAFKA_SECURITY_PROTOCOL`,
 * `KAFKA_SASL_...` and `KAFKA_SSL_...`. All settings that the protocol needs must be set, and those
 * that it does not use must be unset. Throws a `SecuritySettingsError` that lists every problem.
 */
export function readConnectionSecurity(
  environment: Environment,
  readFile = (path: string) => readFileSync(path, 'utf8'),
  clock = systemClock,
): ConnectionSecurity {
  const given = (name: string) => (environment[name]?.trim() ? environment[name] : undefined);
  const protocol = (given(protocolVariable)?.trim() ?? 'PLAINTEXT') as SecurityProtocol;
  if (!protocols.includes(protocol))
    throw new SecuritySettingsError([
      `${protocolVariable}: must be ${oneOf(protocols)} (example: ${protocolVariable}=SASL_SSL)`,
    ]);
  const problems: string[] = [];
  const selector = (instead: string) => ({ name: protocolVariable, value: protocol, instead });
  const sasl = protocol.startsWith('SASL')
    ? readSasl(given, problems, clock)
    : refuse(saslVariables, given, problems, selector('SASL_SSL'));
  const tls = protocol.endsWith('SSL')
    ? readTls(given, problems, readFile)
    : refuse(sslVariables, given, problems, selector('SSL or SASL_SSL'));
  if (problems.length > 0) throw new SecuritySettingsError(problems);
  return Object.freeze({ ...(tls && { tls }), ...(sasl && { sasl }) });
}

function readTls(
  given: Given,
  problems: string[],
  readFile: (path: string) => string,
): ConnectionSecurity['tls'] {
  const before = problems.length;
  const file = (name: string) => readPem(name, given(name)?.trim(), problems, readFile);
  const ca = file('KAFKA_SSL_CA_FILE');
  const cert = file('KAFKA_SSL_CERT_FILE');
  const key = file('KAFKA_SSL_KEY_FILE');
  const passphrase = given('KAFKA_SSL_KEY_PASSWORD');
  const has = (name: string) => given(name) !== undefined;
  const needs = (name: string, other: string) =>
    has(name) && !has(other) && problems.push(`${other}: is missing, and ${name} needs it`);
  needs('KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE');
  needs('KAFKA_SSL_KEY_FILE', 'KAFKA_SSL_CERT_FILE');
  needs('KAFKA_SSL_KEY_PASSWORD', 'KAFKA_SSL_KEY_FILE');
  return problems.length > before ? undefined : contextOf({ ca, cert, key, passphrase }, problems);
}

function contextOf(files: TlsFiles, problems: string[]): ConnectionSecurity['tls'] {
  try {
    return tlsContext(files);
  } catch (error) {
    problems.push(
      `KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE: cannot be used together: ${(error as Error).message}`,
    );
  }
}

function readPem(
  name: string,
  path: string | undefined,
  problems: string[],
  readFile: (path: string) => string,
): string | undefined {
  if (path === undefined) return undefined;
  try {
    const text = readFile(path);
    if (text.includes('-----BEGIN ')) return text;
    problems.push(
      `${name}: ${path} is not a PEM file, which begins with -----BEGIN ...: convert it, for example with openssl`,
    );
  } catch (error) {
    problems.push(
      `${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`,
    );
  }
}
