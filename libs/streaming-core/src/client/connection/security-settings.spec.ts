import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { PasswordLogin } from './sasl/sasl-login.ts';
import { readConnectionSecurity, SecuritySettingsError } from './security-settings.ts';

const scram = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
  KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
  KAFKA_SASL_USERNAME: 'millrace',
  KAFKA_SASL_PASSWORD: ' top secret ',
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
      'KAFKA_SASL_USERNAME: is missing, and SASL needs it (example: KAFKA_SASL_USERNAME=millrace)',
      'KAFKA_SASL_PASSWORD: is missing, and SASL needs it (example: KAFKA_SASL_PASSWORD=...)',
    ]);
  });

  it.each([
    [
      { KAFKA_SECURITY_PROTOCOL: 'TLS' },
      /^KAFKA_SECURITY_PROTOCOL: must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL/,
    ],
    [
      { ...scram, KAFKA_SASL_MECHANISM: 'GSSAPI' },
      /^KAFKA_SASL_MECHANISM: must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512/,
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
    const security = readConnectionSecurity(scram);
    expect(`${inspect(security, { depth: 10, showHidden: true })}${JSON.stringify(security)}`).not.toContain(
      'secret',
    );
  });
});
