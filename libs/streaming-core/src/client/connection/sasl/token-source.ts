import type { Clock } from '../../../runtime/index.ts';
import type { OAuthBearerOptions, OAuthBearerToken } from './oauth-bearer.ts';
import { requestToken, type TokenEndpoint } from './token-request.ts';

/** The fraction of its lifetime for which a token is kept. */
const lifetimeUsed = 0.8;

/** A supplier that is told which of its tokens a broker has rejected. */
export interface TokenSource extends Required<OAuthBearerOptions> {
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
