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

describe('an error in TLS or SASL', () => {
  it.each([
    [
      'an unknown authority',
      connecting(nodeError('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate')),
      'KAFKA_SSL_CA_FILE',
    ],
    [
      'a certificate for another host',
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
      'an unsupported mechanism',
      connecting(new AuthenticationError('Cannot find a suitable SASL mechanism.')),
      'KAFKA_SASL_MECHANISM',
    ],
  ])('becomes access_refused and names the setting to change: %s', (_what, error, setting) => {
    expect(toClientError(error, 'sending')).toMatchObject({
      code: 'access_refused',
      message: expect.stringContaining(setting),
    });
  });

  it('is told apart from a lost connection', () => {
    expect(accessRefusal(connecting(nodeError('ECONNREFUSED', 'connect ECONNREFUSED')))).toBeUndefined();
    expect(accessRefusal('no error at all')).toBeUndefined();
  });
});
