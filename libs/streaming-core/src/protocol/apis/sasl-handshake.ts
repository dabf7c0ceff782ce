import { api } from '../api.ts';
import { arrayOf, int16, string, struct, type Given, type Infer } from '../schema.ts';

/**
 * SaslHandshake, key 17 (KIP-43). After v0 the tokens follow without a Kafka header, after v1 in
 * SaslAuthenticate requests (KIP-152). Never flexible.
 */
export const saslHandshakeRequest = struct(
  'SaslHandshakeRequest',
  { versions: '0-1', flexible: 'none' },
  {
    mechanism: string(),
  },
);
export type SaslHandshakeRequest = Infer<typeof saslHandshakeRequest>;

export const saslHandshakeResponse = struct(
  'SaslHandshakeResponse',
  { versions: '0-1', flexible: 'none' },
  {
    errorCode: int16(),
    mechanisms: arrayOf(string()),
  },
);
export type SaslHandshakeResponse = Given<typeof saslHandshakeResponse>;

export const saslHandshake = api('SaslHandshake', 17, saslHandshakeRequest, saslHandshakeResponse);
