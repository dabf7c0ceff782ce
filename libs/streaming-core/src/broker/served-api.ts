import type { Api, InOf, OutOf } from '../protocol/schema.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../protocol/errors.ts';
import type { Fields } from '../protocol/codec.ts';

/**
 * Bit n stands for operation n of Apache Kafka's `AclOperation`. All operations on topics are
 * allowed.
 */
export const allTopicOperations = 3_576;
export const allClusterOperations = 8_096;
export const allGroupOperations = 3_400;
/** The value when the request did not ask for the operations. */
export const operationsNotAskedFor = -2_147_483_648;

/** The facts about a request that a handler gets besides the body. */
export interface RequestContext {
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Aborts when the connection or the broker closes, so that parked requests end at once. */
  readonly signal: AbortSignal;
}

/** Produce with acks=0 is never answered. If it fails, the closed connection tells the client. */
export type Unanswered = 'no-answer' | 'close-connection';

type Result<Body> = Body | Unanswered | Promise<Body | Unanswered>;

/** An API with its handler, as the dispatcher sees it. */
export interface ServedApi {
  readonly api: Api;
  /**
   * Whether it may begin while earlier requests of the same kind on the connection are in progress.
   * Answers keep their order in any case.
   */
  readonly pipelined: boolean;
  /**
   * Whether nothing refers to the request's bytes after the answer, so that their memory can be
   * reused.
   */
  readonly frameEndsWithAnswer: boolean;
  handle(request: unknown, context: RequestContext): Result<Record<string, unknown>>;
  /**
   * Builds the answer after the handler has thrown. Without it the connection is closed, since an
   * answer of the wrong shape would be worse than none.
   */
  refuse?(
    code: ErrorCode,
    message: string,
    request: unknown,
    context: RequestContext,
  ): Record<string, unknown>;
}

interface ServeOptions<Request extends Fields, Response extends Fields> {
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
  const { pipelined = false, frameEndsWithAnswer = false, refuse } = options;
  return { api, pipelined, frameEndsWithAnswer, handle, refuse } as unknown as ServedApi;
}

export const errorCodeOf = (error: unknown): ErrorCode =>
  error instanceof ProtocolError ? error.code : errorCodes.UNKNOWN_SERVER_ERROR;

const messageCharsMax = 1_000;

/**
 * Shortens a message that quotes the client's input, which may be as long as a string on the wire
 * can be.
 */
export const shortened = (message: string): string =>
  message.length <= messageCharsMax ? message : `${message.slice(0, messageCharsMax)}...`;

/**
 * Returns the text for the peer: the message of a `ProtocolError`, and nothing about any other
 * error.
 */
export const errorMessageOf = (error: unknown): string =>
  error instanceof ProtocolError
    ? shortened(error.message)
    : 'The broker could not serve this request; its log has the reason.';
