import { ClientError } from '../../errors/client-error.ts';
import { refused, stepwiseExchange, type SaslExchange } from './sasl-exchange.ts';

const mechanism = 'OAUTHBEARER';

export interface OAuthBearerToken {
  /** The token itself, usually a JWT in its compact form. */
  readonly value: string;
  /** Extensions for the broker, by name (KIP-342). */
  readonly extensions?: Readonly<Record<string, string>>;
}

export interface OAuthBearerOptions {
  /**
   * Supplies a valid token. Called once per authentication, so that it can renew an old one. If it
   * throws a `ClientError`, the authentication fails with it, and otherwise with `access_refused`.
   */
  readonly token: () => Promise<OAuthBearerToken> | OAuthBearerToken;
  /** Called with a token that the broker has rejected, so that the supplier can drop it. */
  readonly rejected?: (token: OAuthBearerToken) => void;
}

/**
 * Ends a refused exchange, which the broker then completes with an error (RFC 7628, section 3.2.3).
 */
const dummyToken = Buffer.from('\x01');

/**
 * OAUTHBEARER (RFC 7628) without an authorization identity. Only TLS protects the token. The broker
 * proves nothing about itself.
 */
export function oauthBearerExchange({ token, rejected }: OAuthBearerOptions): SaslExchange {
  let sent: OAuthBearerToken | undefined;
  let refusal = '';
  return stepwiseExchange({
    mechanism,
    async first() {
      sent = await supplied(token);
      const { value, extensions = {} } = sent;
      return Buffer.from(`n,,\x01auth=Bearer ${checkedToken(value)}${pairsOf(extensions)}\x01\x01`);
    },
    answers: [
      (answer) => {
        if (answer.length === 0) return undefined;
        if (sent !== undefined) rejected?.(sent);
        refusal = readRefusal(answer);
        return dummyToken;
      },
      () => {
        throw refused(mechanism, refusal);
      },
    ],
  });
}

async function supplied(token: OAuthBearerOptions['token']): Promise<OAuthBearerToken> {
  const given = await Promise.resolve()
    .then(token)
    .catch((cause: unknown) => {
      if (cause instanceof ClientError) throw cause;
      throw refused(mechanism, 'the token supplier failed; the cause has its error', { cause });
    });
  if (typeof (given as Partial<OAuthBearerToken> | undefined)?.value !== 'string')
    throw refused(
      mechanism,
      'the token supplier has to return an object with the token as `value`, a string',
    );
  return given;
}

const tokenCharactersMax = 128 * 1024;

/** The characters of a bearer token are those of RFC 6750. */
export function checkedToken(value: string): string {
  if (value.length > tokenCharactersMax)
    throw refused(mechanism, `the token has ${value.length} characters, over ${tokenCharactersMax}`);
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(value))
    throw refused(mechanism, 'the token supplier returned text that is not a bearer token (RFC 6750)');
  return value;
}

/** Names and values have the characters that RFC 7628 permits. `auth` is the token's own name. */
function pairsOf(extensions: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(extensions).map(([name, value]) => {
    if (!/^[A-Za-z]+$/.test(name) || name.toLowerCase() === 'auth')
      throw refused(
        mechanism,
        `an extension has the name ${JSON.stringify(name.slice(0, 80))}: use letters only, and not "auth"`,
      );
    if (!/^[\x20-\x7e\t\r\n]*$/.test(value))
      throw refused(mechanism, `the extension ${name} has characters that are not printable ASCII`);
    return `\x01${name}=${value}`;
  });
  return pairs.join('');
}

/** The error codes of RFC 6750. Other texts are not quoted, since a peer chooses them. */
const knownStatuses: ReadonlySet<unknown> = new Set([
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
]);

/** Reads the broker's JSON, which says why it rejects the token (RFC 7628, section 3.2.2). */
function readRefusal(answer: Buffer): string {
  try {
    const { status } = JSON.parse(answer.toString('utf8')) as { readonly status?: unknown };
    const code = knownStatuses.has(status) ? ` (${String(status)})` : '';
    return `the broker rejected the token${code}: check the token supplier and the scope of its tokens`;
  } catch {
    return 'the broker answered the token with text that is not the JSON of a refusal';
  }
}
