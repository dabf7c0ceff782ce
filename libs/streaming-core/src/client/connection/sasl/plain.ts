import { preparedText } from './prepared-text.ts';
import { refused, stepwiseExchange, type SaslExchange } from './sasl-exchange.ts';

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
