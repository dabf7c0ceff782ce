import { api, arrayOf, int16, string, struct, bytes, int64 } from '../schema.ts';

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

/** SaslAuthenticate, key 36 (KIP-152). v1 session lifetime (KIP-368), v2 flexible. */
const saslAuthenticateRequest = struct(
  'SaslAuthenticateRequest',
  { versions: '0-2', flexible: '2+' },
  {
    authBytes: bytes(),
  },
);

const saslAuthenticateResponse = struct(
  'SaslAuthenticateResponse',
  { versions: '0-2', flexible: '2+' },
  {
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ versions: '1+', absent: 0n }),
  },
);

export const saslAuthenticate = api(
  'SaslAuthenticate',
  36,
  saslAuthenticateRequest,
  saslAuthenticateResponse,
);
