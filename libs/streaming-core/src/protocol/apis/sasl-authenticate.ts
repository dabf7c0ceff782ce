import { api } from '../api.ts';
import { bytes, int16, int64, string, struct, type Given, type Infer } from '../schema.ts';

/** SaslAuthenticate, key 36 (KIP-152). v1 session lifetime (KIP-368), v2 flexible. */
export const saslAuthenticateRequest = struct(
  'SaslAuthenticateRequest',
  { versions: '0-2', flexible: '2+' },
  {
    authBytes: bytes(),
  },
);
export type SaslAuthenticateRequest = Infer<typeof saslAuthenticateRequest>;

export const saslAuthenticateResponse = struct(
  'SaslAuthenticateResponse',
  { versions: '0-2', flexible: '2+' },
  {
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ versions: '1+', absent: 0n }),
  },
);
export type SaslAuthenticateResponse = Given<typeof saslAuthenticateResponse>;

export const saslAuthenticate = api(
  'SaslAuthenticate',
  36,
  saslAuthenticateRequest,
  saslAuthenticateResponse,
);
