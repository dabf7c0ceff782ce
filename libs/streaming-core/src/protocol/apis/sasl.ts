import { api, arrayOf, bytes, int16, int64, string } from '../schema.ts';

/**
 * SaslHandshake, key 17 (KIP-43). After v0 the tokens follow without a Kafka header, after v1 in
 * SaslAuthenticate requests (KIP-152). Never flexible.
 */
export const saslHandshake = api('SaslHandshake', 17, {
  versions: '0-1',
  flexible: 'none',
  request: { mechanism: string() },
  response: { errorCode: int16(), mechanisms: arrayOf(string()) },
});

/** SaslAuthenticate, key 36 (KIP-152). v1 session lifetime (KIP-368), v2 flexible. */
export const saslAuthenticate = api('SaslAuthenticate', 36, {
  versions: '0-2',
  flexible: '2+',
  request: { authBytes: bytes() },
  response: {
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ versions: '1+', absent: 0n }),
  },
});
