import { api } from '../api.ts';
import { arrayOf, int16, string, struct } from '../schema.ts';

/**
 * SaslHandshake, key 17 (KIP-43). After v0 the tokens follow without a Kafka header, after v1 in
 * SaslAuthenticate requests (KIP-152). Never flexible.
 */
const saslHandshakeRequest = struct(
  'SaslHandshakeRequest',
  { versions: '0-1', flexible: 'none' },
  {
    mechanism: string(),
  },
);

const saslHandshakeResponse = struct(
  'SaslHandshakeResponse',
  { versions: '0-1', flexible: 'none' },
  {
    errorCode: int16(),
    mechanisms: arrayOf(string()),
  },
);

export const saslHandshake = api('SaslHandshake', 17, saslHandshakeRequest, saslHandshakeResponse);
