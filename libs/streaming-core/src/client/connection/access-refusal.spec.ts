import { AuthenticationError, NetworkError } from '@platformatic/kafka';
import { describe, expect, it } from '@jest/globals';
import { accessRefusal } from './access-refusal.ts';
import { toClientError } from '../client-error.ts';

const nodeError = (code: string, message: string) => Object.assign(new Error(message), { code });
const connecting = (cause: Error) =>
  new AggregateError(
    [new NetworkError('Connection to a:1 failed.', { cause })],
    'Cannot connect to any broker.',
  );

describe('a broker that does not let a client in', () => {
  it.each([
    [
      'an unknown authority',
      connecting(nodeError('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate')),
      'KAFKA_SSL_CA_FILE',
    ],
    [
      'a certificate of another host',
      connecting(nodeError('ERR_TLS_CERT_ALTNAME_INVALID', 'not in the list')),
      'KAFKA_SSL_CA_FILE',
    ],
    [
      'a missing certificate',
      nodeError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'alert'),
      'KAFKA_SSL_CERT_FILE',
    ],
    [
      'wrong credentials',
      connecting(new AuthenticationError('SASL authentication failed.')),
      'KAFKA_SASL_PASSWORD',
    ],
    [
      'another mechanism',
      connecting(new AuthenticationError('Cannot find a suitable SASL mechanism.')),
      'KAFKA_SASL_MECHANISM',
    ],
  ])('is told apart from one that is away: %s', (_what, error, setting) => {
    expect(toClientError(error, 'sending')).toMatchObject({
      code: 'access_refused',
      message: expect.stringContaining(setting),
    });
  });

  it('is not what a lost connection means', () => {
    expect(accessRefusal(connecting(nodeError('ECONNREFUSED', 'connect ECONNREFUSED')))).toBeUndefined();
    expect(accessRefusal('no error at all')).toBeUndefined();
  });
});
