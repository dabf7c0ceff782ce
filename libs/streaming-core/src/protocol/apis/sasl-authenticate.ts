import { api } from '../api.ts';
import { bytes, int16, int64, string, struct } from '../schema.ts';

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
