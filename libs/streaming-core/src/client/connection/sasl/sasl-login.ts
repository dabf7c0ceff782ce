import { oauthBearerExchange, type OAuthBearerOptions } from './oauth-bearer.ts';
import { type SaslExchange, preparedText, refused, stepwiseExchange } from './sasl-exchange.ts';
import { scramExchange, type ScramMechanism } from './scram.ts';

interface PlainOptions {
  readonly username: string;
  readonly password: () => string;
}

/**
 * PLAIN (RFC 4616) without an authorization identity: the user acts as itself. The token contains
 * the password, so only TLS protects it. The broker proves nothing about itself.
 */
export const plainExchange = ({ username, password }: PlainOptions): SaslExchange =>
  stepwiseExchange({
    mechanism: 'PLAIN',
    first: () =>
      Buffer.from(
        `\0${preparedText('PLAIN', 'username', username)}\0${preparedText('PLAIN', 'password', password())}`,
      ),
    answers: [
      (answer) => {
        if (answer.length > 0)
          throw refused('PLAIN', 'the broker answered with data, which PLAIN does not have');
        return undefined;
      },
    ],
  });

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
