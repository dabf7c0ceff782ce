import { oauthBearerExchange, type OAuthBearerOptions } from './oauth-bearer.ts';
import { plainExchange } from './plain.ts';
import type { SaslExchange } from './sasl-exchange.ts';
import { scramExchange, type ScramMechanism } from './scram.ts';

/** A user with a password. The password is a function so that this object can be logged. */
export interface PasswordLogin {
  readonly mechanism: 'PLAIN' | ScramMechanism;
  readonly username: string;
  readonly password: () => string;
}

interface TokenLogin extends OAuthBearerOptions {
  readonly mechanism: 'OAUTHBEARER';
}

export type SaslLogin = PasswordLogin | TokenLogin;

/**
 * Begins one authentication. The nonce is random text for this exchange alone; only SCRAM uses it.
 */
export function exchangeOf(login: SaslLogin, nonce: string): SaslExchange {
  switch (login.mechanism) {
    case 'PLAIN':
      return plainExchange(login);
    case 'OAUTHBEARER':
      return oauthBearerExchange(login);
    default:
      return scramExchange({
        mechanism: login.mechanism,
        username: login.username,
        password: login.password,
        nonce,
      });
  }
}
