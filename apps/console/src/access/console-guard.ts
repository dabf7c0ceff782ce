import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { problemOfKind, type RequestGuard } from '@millrace/service-chassis/app';
import { isLoopback } from '@millrace/service-chassis/config';
import type { ConsoleConfig } from '../config.ts';

interface Access extends Pick<ConsoleConfig, 'token' | 'tokenInFile' | 'readOnly'> {
  /** The routes of actions that change nothing. */
  readonly readingActs?: readonly string[];
}

/** The name of the cookie of a signed-in browser. */
export const sessionCookie = 'millrace_console';

/** A page of another origin cannot send this header without asking first (CORS, Fetch Standard). */
const actHeader = 'x-millrace-console';

/** The path to which services send spans, as OTLP/HTTP defines it. */
const spansPath = '/v1/traces';

const sessionPath = '/api/session';

/**
 * Refuses, before it answers anything else:
 * - Without a token, requests to another name than that of this machine. A page on the web whose name
 *   suddenly resolves to 127.0.0.1 (DNS rebinding) could send them from an operator's browser.
 * - Requests to `/api` that a page of another origin makes.
 * - With a token, requests to `/api` without the cookie of a session. The page itself holds nothing.
 * - Acts without the console's header, and in read-only mode every act but those in `readingActs`.
 * - Spans that neither come from this machine nor carry the token, since no person sends them.
 */
export function consoleGuard({ readingActs = [], ...access }: Access): RequestGuard {
  const token = access.token ?? access.tokenInFile;
  return ({ hostname, ip, headers, routeOptions, method }) => {
    // The route decides, not the URL, since a URL may spell its path in other ways (`/%61pi/`).
    const route = routeOptions.url ?? '';
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    if (token === undefined && !isLoopback(host)) return { problem: notLoopback };
    if (route === spansPath) {
      const isOwn = isLoopback(host) && isLoopback(ip.replace(/^::ffff:/, '')) && !isForeign(headers);
      return isOwn || hasBearer(headers.authorization, token) ? undefined : { problem: notASender };
    }
    if (!route.startsWith('/api/')) return undefined;
    if (isForeign(headers)) return { problem: foreignPage };
    const signsIn = route === sessionPath;
    if (token !== undefined && !signsIn && !hasSession(headers.cookie, token))
      return { problem: notSignedIn };
    if (method === 'GET') return undefined;
    if (headers[actHeader] === undefined) return { problem: foreignPage };
    return access.readOnly && !signsIn && !readingActs.includes(route) ? { problem: readOnly } : undefined;
  };
}

/** The codes of its refusals that any call may get, by status. Acts may get `read_only` too. */
export const consoleRefusals = { 401: ['not_signed_in'], 403: ['not_loopback', 'foreign_page'] };

type Headers = Parameters<RequestGuard>[0]['headers'];

/**
 * Whether a page of another origin made the request. Browsers say so in `Sec-Fetch-Site` (Fetch
 * Metadata), or name the origin in `Origin`. Other programs send neither.
 */
function isForeign({ 'sec-fetch-site': site, origin, host }: Headers): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

/** The value of the cookie: a proof of the token, which the cookie does not contain. */
export const sessionOf = (token: string): string =>
  createHmac('sha256', token).update('millrace console session 1').digest('base64url');

function hasSession(cookies: string | undefined, token: string): boolean {
  const pairs = (cookies ?? '').split(';').map((pair) => pair.trim().split('='));
  const [, given = ''] = pairs.find(([name]) => name === sessionCookie) ?? [];
  return isSame(given, sessionOf(token));
}

const hasBearer = (given = '', token: string | undefined): boolean =>
  token !== undefined && isSame(given, `Bearer ${token}`);

/** Compares two texts in the same time, whatever they contain. */
export const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(digestOf(one), digestOf(other));

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const notLoopback = problemOfKind(
  403,
  'not_loopback',
  'Without CONSOLE_TOKEN the console answers only requests to a loopback address',
);
const foreignPage = problemOfKind(403, 'foreign_page', 'The console answers its own page only');
const notASender = problemOfKind(
  403,
  'not_a_sender',
  'Spans are taken from this machine, or with `Authorization: Bearer` and the token of CONSOLE_TOKEN',
);
const notSignedIn = problemOfKind(401, 'not_signed_in', 'Sign in with the token of CONSOLE_TOKEN');
const readOnly = problemOfKind(403, 'read_only', 'The console is read-only (CONSOLE_READ_ONLY=1)');
