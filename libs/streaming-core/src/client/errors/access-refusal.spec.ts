import { describe, expect, it } from '@jest/globals';
import { toClientError } from './client-error.ts';
import { accessRefusal, AccessRefused, ConnectionLost } from './connection-errors.ts';

const nodeError = (code: string, message: string) => Object.assign(new Error(message), { code });
const connecting = (cause: Error) =>
  new AggregateError(
    [new ConnectionLost({ host: 'a', port: 1 }, 'could not be opened', { cause })],
    'no broker can be reached',
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
      connecting(new AccessRefused('the broker rejected the credentials: check KAFKA_SASL_PASSWORD')),
      'KAFKA_SASL_PASSWORD',
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
