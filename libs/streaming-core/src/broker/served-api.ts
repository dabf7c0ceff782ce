import type { Api } from '../protocol/api.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../protocol/errors.ts';
import type { InOf, OutOf } from '../protocol/schema.ts';
import type { Fields } from '../protocol/field.ts';
import { includes, versions, type VersionRange } from '../protocol/versions.ts';

/** What a handler knows about the request apart from its body. */
export interface RequestContext {
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Aborts when the connection or the broker closes: parked requests end at once. */
  readonly signal: AbortSignal;
}

/** Produce with acks=0 is never answered; where it failed, the closed connection tells the client (P1). */
export type Unanswered = 'no-answer' | 'close-connection';

type Result<Body> = Body | Unanswered | Promise<Body | Unanswered>;

/** An API with its handler, as the dispatcher sees it. */
export interface ServedApi {
  readonly api: Api;
  /** The versions that are served. */
  readonly versions: VersionRange;
  /** May begin while earlier requests of the same kind on the connection are still in progress; answers keep their order all the same. */
  readonly pipelined: boolean;
  /** Nothing of the request's bytes is looked at after it was answered: their memory is used again. */
  readonly frameEndsWithAnswer: boolean;
  handle(request: unknown, context: RequestContext): Result<Record<string, unknown>>;
  /** The answer when the handler threw. Without it the connection is closed: a wrong shape is worse than none (O1). */
  refuse?(
    code: ErrorCode,
    message: string,
    request: unknown,
    context: RequestContext,
  ): Record<string, unknown>;
}

export interface ServeOptions<Request extends Fields, Response extends Fields> {
  /** The versions that the handler can answer, as `3-11`. Default: all whose layout is known. */
  readonly versions?: string;
  readonly pipelined?: boolean;
  readonly frameEndsWithAnswer?: boolean;
  readonly refuse?: (
    code: ErrorCode,
    message: string,
    request: OutOf<Request>,
    context: RequestContext,
  ) => InOf<Response>;
}

/** Binds a handler to its API, with the API's types. */
export function serve<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  handle: (request: OutOf<Request>, context: RequestContext) => Result<InOf<Response>>,
  options: ServeOptions<Request, Response> = {},
): ServedApi {
  const served = options.versions === undefined ? api.versions : versions(options.versions);
  if (!includes(api.versions, served.min) || !includes(api.versions, served.max))
    throw new TypeError(
      `${api.name} has versions ${api.versions.min} to ${api.versions.max}, not ${options.versions}`,
    );
  const { pipelined = false, frameEndsWithAnswer = false, refuse } = options;
  return { api, versions: served, pipelined, frameEndsWithAnswer, handle, refuse } as unknown as ServedApi;
}

/** The code that goes on the wire for something thrown. */
export const errorCodeOf = (error: unknown): ErrorCode =>
  error instanceof ProtocolError ? error.code : errorCodes.UNKNOWN_SERVER_ERROR;

const messageCharsMax = 1_000;

/** For a message that names what a client has sent: that may be as long as a string can be, and the message would be longer. */
export const shortened = (message: string): string =>
  message.length <= messageCharsMax ? message : `${message.slice(0, messageCharsMax)}...`;

/** Text for the peer: our own refusals, nothing of anything else. */
export const errorMessageOf = (error: unknown): string =>
  error instanceof ProtocolError
    ? shortened(error.message)
    : 'The broker failed to serve this request; its log says why.';
