import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { connectionSchemas } from './connection-settings.ts';
import type { PasswordLogin } from './sasl/sasl-login.ts';
import { readConnectionSecurity, SecuritySettingsError } from './security-settings.ts';

const scram = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
  KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
  KAFKA_SASL_USERNAME: 'millrace',
  KAFKA_SASL_PASSWORD: ' top secret ',
};
const endpointUrl = 'KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL';
const oauth = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
  KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
  [endpointUrl]: 'https://login.example.org/token',
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: 'millrace',
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: 'top secret',
};
const noFile = (path: string): string => {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
};

function problemsOf(environment: Readonly<Record<string, string>>, readFile = noFile): readonly string[] {
  try {
    readConnectionSecurity(environment, readFile);
  } catch (error) {
    if (error instanceof SecuritySettingsError) return error.problems;
  }
  return [];
}

describe("the Kafka client's security settings", () => {
  it('select plain text if nothing is set', () => {
    expect(readConnectionSecurity({ KAFKA_SECURITY_PROTOCOL: ' ', KAFKA_SASL_USERNAME: '' })).toEqual({});
  });

  it('accept credentials, and do not trim the password', () => {
    const { sasl, tls } = readConnectionSecurity(scram);

    expect(sasl).toMatchObject({ mechanism: 'SCRAM-SHA-512', username: 'millrace' });
    expect((sasl as PasswordLogin).password()).toBe(' top secret ');
    expect(tls).toBeUndefined();
  });

  it('accept TLS alone and together with credentials', () => {
    expect(readConnectionSecurity({ KAFKA_SECURITY_PROTOCOL: 'SSL' }).tls).toBeDefined();
    expect(
      Object.keys(readConnectionSecurity({ ...scram, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' })).sort(),
    ).toEqual(['sasl', 'tls']);
  });

  it('name the user and the password if they are missing', () => {
    expect(problemsOf({ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'PLAIN' })).toEqual([
      'KAFKA_SASL_USERNAME: is missing, and PLAIN needs it (example: KAFKA_SASL_USERNAME=millrace)',
      'KAFKA_SASL_PASSWORD: is missing, and PLAIN needs it (example: KAFKA_SASL_PASSWORD=...)',
    ]);
  });

  it('name only the mechanism if it is missing, since it decides which settings are needed', () => {
    expect(problemsOf({ ...oauth, KAFKA_SASL_MECHANISM: '' })).toEqual([
      expect.stringMatching(/^KAFKA_SASL_MECHANISM: is missing, and SASL needs it/),
    ]);
  });

  it('accept OAUTHBEARER with and without a scope', () => {
    const withScope = { ...oauth, KAFKA_SASL_OAUTHBEARER_SCOPE: 'orders' };
    for (const environment of [oauth, withScope])
      expect(readConnectionSecurity(environment).sasl).toMatchObject({ mechanism: 'OAUTHBEARER' });
  });

  it.each([scram, oauth])('make options that a client accepts (%#)', (environment) => {
    const security = readConnectionSecurity(environment);
    expect(connectionSchemas.security.safeParse(security)).toMatchObject({ success: true });
  });

  it('name the endpoint, the id and the secret if OAUTHBEARER lacks them', () => {
    expect(problemsOf({ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'OAUTHBEARER' })).toEqual([
      expect.stringMatching(`^${endpointUrl}: is missing, and OAUTHBEARER needs it`),
      expect.stringMatching(/^KAFKA_SASL_OAUTHBEARER_CLIENT_ID: is missing/),
      expect.stringMatching(/^KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: is missing/),
    ]);
  });

  it('reject the settings that the mechanism does not use', () => {
    expect(problemsOf({ ...scram, ...oauth })).toEqual([
      expect.stringMatching(/^KAFKA_SASL_USERNAME: has no effect with KAFKA_SASL_MECHANISM OAUTHBEARER/),
      expect.stringMatching(/^KAFKA_SASL_PASSWORD: has no effect with KAFKA_SASL_MECHANISM OAUTHBEARER/),
    ]);
    expect(problemsOf({ ...scram, KAFKA_SASL_OAUTHBEARER_SCOPE: 'orders' })).toEqual([
      'KAFKA_SASL_OAUTHBEARER_SCOPE: has no effect with KAFKA_SASL_MECHANISM SCRAM-SHA-512: ' +
        'unset it, or set KAFKA_SASL_MECHANISM to OAUTHBEARER',
    ]);
  });

  it.each([
    'http://localhost:8080/token',
    'http://127.0.0.1/token',
    'http://127.1/token',
    'http://[::1]/token',
  ])('accept the token endpoint %s without TLS, because it is loopback', (url) => {
    expect(problemsOf({ ...oauth, [endpointUrl]: url })).toEqual([]);
  });

  it.each([
    ['http://login.example.org/top-secret', 'must begin with https://'],
    ['http://127.0.0.1.example.org/top-secret', 'must begin with https://'],
    ['http://localhost.example.org/top-secret', 'must begin with https://'],
    ['ftp://127.0.0.1/top-secret', 'must begin with https://'],
    ['login/top-secret', 'must be a URL'],
    ['https://user:top-secret@login.example.org/token', 'must have no user, password or fragment'],
    ['https://login.example.org/token#top-secret', 'must have no user, password or fragment'],
  ])('Q05 reject the token endpoint %s without quoting it', (url, reason) => {
    const problems = problemsOf({ ...oauth, [endpointUrl]: url });

    expect(problems).toEqual([expect.stringContaining(`${endpointUrl}: ${reason}`)]);
    expect(problems.join()).not.toContain('top-secret');
  });

  it.each([
    [
      { KAFKA_SECURITY_PROTOCOL: 'TLS' },
      /^KAFKA_SECURITY_PROTOCOL: must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL/,
    ],
    [
      { ...scram, KAFKA_SASL_MECHANISM: 'GSSAPI' },
      /^KAFKA_SASL_MECHANISM: must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER/,
    ],
    [{ KAFKA_SASL_USERNAME: 'millrace' }, /^KAFKA_SASL_USERNAME: has no effect .* PLAINTEXT: .* SASL_SSL/],
    [{ ...scram, KAFKA_SSL_CA_FILE: '/ca.pem' }, /^KAFKA_SSL_CA_FILE: has no effect .* SASL_PLAINTEXT/],
    [
      { KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SSL_CA_FILE: '/ca.pem' },
      /^KAFKA_SSL_CA_FILE: \/ca.pem cannot be read \(ENOENT\)/,
    ],
    [
      { KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SSL_KEY_PASSWORD: 'x' },
      /^KAFKA_SSL_KEY_FILE: is missing, and KAFKA_SSL_KEY_PASSWORD needs it/,
    ],
  ])('reject %o', (environment: Readonly<Record<string, string>>, problem) => {
    const problems = problemsOf(environment);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('reject a certificate without its key, and a file that is not PEM', () => {
    const certificate = { KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SSL_CERT_FILE: '/cert.der' };

    expect(problemsOf(certificate, () => 'binary')).toEqual([
      expect.stringMatching(/^KAFKA_SSL_CERT_FILE: \/cert.der is not a PEM file/),
      'KAFKA_SSL_KEY_FILE: is missing, and KAFKA_SSL_CERT_FILE needs it',
    ]);
    expect(problemsOf({ ...certificate, KAFKA_SSL_KEY_FILE: '/key' }, () => '-----BEGIN NONSENSE')).toEqual([
      expect.stringMatching(/^KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE: cannot be used together: /),
    ]);
  });

  it('never show a password in a problem, in inspect or as JSON', () => {
    expect(problemsOf({ ...scram, KAFKA_SASL_MECHANISM: 'none' }).join()).not.toContain('secret');
    for (const environment of [scram, oauth]) {
      const security = readConnectionSecurity(environment);
      const shown = `${inspect(security, { depth: 10, showHidden: true })}${JSON.stringify(security)}`;
      expect(shown).not.toContain('secret');
    }
  });
});
