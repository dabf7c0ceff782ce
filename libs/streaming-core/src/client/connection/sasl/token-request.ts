import type { Clock, DurationMs } from '../../../runtime/index.ts';
import { ClientError } from '../../errors/client-error.ts';
import { causesOf } from '../../errors/connection-errors.ts';
import { checkedToken, type OAuthBearerOptions, type OAuthBearerToken } from './oauth-bearer.ts';
import { refused } from './sasl-exchange.ts';

/** The endpoint that issues the tokens of a client, and the client's credentials there. */
interface TokenEndpoint {
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: () => string;
  readonly scope?: string | undefined;
}

interface IssuedToken {
  readonly value: string;
  /** 0 if the endpoint does not state a lifetime. */
  readonly lifetimeMs: DurationMs;
}

interface Answer {
  readonly status: number;
  /** Undefined if the body is over the limit. */
  readonly text: string | undefined;
}

const mechanism = 'OAUTHBEARER';
const urlVariable = 'KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL';
const requestMsMax: DurationMs = 10_000;
const answerBytesMax = 64 * 1024;

/** The error codes of RFC 6749, section 5.2. Other texts of the endpoint are never quoted. */
const knownErrors: ReadonlySet<unknown> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);

/**
 * Requests a token with the client's credentials (RFC 6749, section 4.4). Rejects with the
 * `ClientError` `unreachable` if the endpoint may answer later, and otherwise with
 * `access_refused`. The errors have no cause, because a cause could quote the endpoint's answer.
 */
async function requestToken(endpoint: TokenEndpoint, clock: Clock): Promise<IssuedToken> {
  const { host } = endpoint.url;
  const { status, text } = await answerOf(endpoint, clock);
  if (status === 429 || status >= 500) throw unavailable(host, `answered with status ${status}`);
  if (status >= 300 && status < 400)
    throw rejected(
      host,
      `answered with a redirect (status ${status}), which is not followed: ` +
        `set ${urlVariable} to the final address`,
    );
  if (text === undefined) throw malformed(host, `with more than ${answerBytesMax} bytes`);
  const fields = fieldsOf(text);
  if (status !== 200) {
    const code = knownErrors.has(fields?.['error']) ? `, ${String(fields?.['error'])}` : '';
    throw rejected(
      host,
      `rejected the request (status ${status}${code}): check ${urlVariable}, ` +
        'KAFKA_SASL_OAUTHBEARER_CLIENT_ID, KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET and ' +
        'KAFKA_SASL_OAUTHBEARER_SCOPE',
    );
  }
  return issuedToken(host, fields);
}

async function answerOf(endpoint: TokenEndpoint, clock: Clock): Promise<Answer> {
  const ending = new AbortController();
  const cancel = clock.after(requestMsMax, () => ending.abort());
  try {
    const response = await fetch(endpoint.url, { ...requestOf(endpoint), signal: ending.signal });
    return { status: response.status, text: await readBody(response) };
  } catch (error) {
    const { host } = endpoint.url;
    if (ending.signal.aborted) throw unavailable(host, `did not answer within ${requestMsMax} ms`);
    throw unavailable(host, `cannot be reached${systemCode(error)}`);
  } finally {
    cancel();
  }
}

/** HTTP Basic contains the id and the secret form-encoded (RFC 6749, section 2.3.1). */
function requestOf({ clientId, clientSecret, scope }: TokenEndpoint): RequestInit {
  const credentials = `${formEncoded(clientId)}:${formEncoded(clientSecret())}`;
  const form = { grant_type: 'client_credentials', ...(scope !== undefined && { scope }) };
  return {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    },
    body: new URLSearchParams(form),
  };
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

async function readBody({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch {
    return undefined;
  }
}

function issuedToken(host: string, fields: Readonly<Record<string, unknown>> | undefined): IssuedToken {
  if (fields === undefined) throw malformed(host, 'with text that is not a JSON object');
  const { access_token: value, token_type: type, expires_in: seconds = 0 } = fields;
  if (typeof value !== 'string') throw malformed(host, 'without an access_token');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw malformed(host, 'with a token_type other than Bearer');
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0)
    throw malformed(host, 'with an expires_in that is not a number of seconds');
  return { value: checkedToken(value), lifetimeMs: seconds * 1_000 };
}

/** Returns the code of an error of Node.js, such as ECONNREFUSED, in parentheses. */
function systemCode(error: unknown): string {
  for (const cause of causesOf(error))
    if ('code' in cause && typeof cause.code === 'string') return ` (${cause.code})`;
  return '';
}

const rejected = (host: string, reason: string): ClientError =>
  refused(mechanism, `the token endpoint ${host} ${reason}`);

const malformed = (host: string, answer: string): ClientError =>
  rejected(host, `answered ${answer}: check ${urlVariable}`);

const unavailable = (host: string, reason: string): ClientError =>
  new ClientError('unreachable', `authentication with ${mechanism}: the token endpoint ${host} ${reason}`);

/** The fraction of its lifetime for which a token is kept. */
const lifetimeUsed = 0.8;

/** A supplier that is told which of its tokens a broker has rejected. */
interface TokenSource extends Required<OAuthBearerOptions> {
  readonly token: () => Promise<OAuthBearerToken>;
}

/**
 * Returns a supplier of tokens from this endpoint. Concurrent callers share one request. Its token
 * is kept until 80 % of its lifetime has passed or a broker rejects it, unless the endpoint states
 * no lifetime.
 */
export function tokenSource(endpoint: TokenEndpoint, clock: Clock): TokenSource {
  let kept: { readonly token: OAuthBearerToken; readonly usableUntil: number } | undefined;
  let pending: Promise<OAuthBearerToken> | undefined;

  async function renew(): Promise<OAuthBearerToken> {
    const askedAt = clock.monotonic();
    const { value, lifetimeMs } = await requestToken(endpoint, clock);
    const token = { value };
    kept = { token, usableUntil: askedAt + lifetimeMs * lifetimeUsed };
    return token;
  }

  return {
    async token() {
      if (kept !== undefined && clock.monotonic() < kept.usableUntil) return kept.token;
      kept = undefined;
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    rejected(token) {
      if (kept?.token === token) kept = undefined;
    },
  };
}
