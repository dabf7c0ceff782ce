import type { Logger } from '../runtime/index.ts';
import {
  encodeResponse,
  readHeaderTags,
  readRequestHeader,
  type RequestHeader,
} from '../protocol/frames/frame.ts';
import { apiVersions } from '../protocol/apis/handshake.ts';
import { errorCodes, ProtocolError } from '../protocol/errors.ts';
import { includes } from '../protocol/codec.ts';
import { WireReader, MalformedRequest } from '../protocol/wire-reader.ts';
import {
  errorCodeOf,
  errorMessageOf,
  type RequestContext,
  type ServedApi,
  type Unanswered,
} from './served-api.ts';

/** A request whose header was read and whose API is known. */
export interface ParsedRequest {
  readonly header: RequestHeader;
  readonly served: ServedApi;
  readonly body: unknown;
  /**
   * The version of the response. It differs from the header's only for ApiVersions requests newer
   * than ours.
   */
  readonly answerVersion: number;
  /** The approximate memory of its array items: an item of 3 bytes becomes an object of 170. */
  readonly itemBytes: number;
}

/** The largest item that was measured: a protocol without metadata in JoinGroup. */
const bytesOfItem = 170;

/** The frame to send, or what to do instead. */
export type Answer = readonly Buffer[] | 'no-answer' | 'close-connection';

export type Peer = Pick<RequestContext, 'clientHost' | 'signal'>;

/** Turns frames into calls of handlers, and their results into frames. */
export class RequestDispatcher {
  readonly #served: ReadonlyMap<number, ServedApi>;
  readonly #logger: Logger;

  constructor(served: readonly ServedApi[], options: { readonly logger: Logger }) {
    this.#served = new Map(served.map((entry) => [entry.api.key, entry]));
    this.#logger = options.logger;
  }

  /**
   * Throws `MalformedRequest` for a request that cannot be read, and for a key or version that is
   * not served. The connection is then closed.
   */
  parse(frame: Buffer): ParsedRequest {
    const reader = new WireReader(frame);
    const header = readRequestHeader(reader);
    const served = this.#served.get(header.apiKey);
    if (served === undefined) throw new MalformedRequest(`API key ${header.apiKey} is not served`);
    if (!includes(served.api.versions, header.apiVersion)) return newerApiVersions(header, served);
    if (served.api.request.isFlexible(header.apiVersion)) readHeaderTags(reader);
    const body = served.api.request.codec(header.apiVersion).read(reader);
    return {
      header,
      served,
      body,
      answerVersion: header.apiVersion,
      itemBytes: reader.arrayItems * bytesOfItem,
    };
  }

  /**
   * Answers synchronously if the handler does. Most requests are small, and a promise would be most
   * of their cost.
   */
  answer(request: ParsedRequest, peer: Peer): Answer | Promise<Answer> {
    const { header, served, body } = request;
    const context: RequestContext = {
      ...peer,
      apiVersion: header.apiVersion,
      clientId: header.clientId ?? '',
    };
    let result: ReturnType<ServedApi['handle']>;
    try {
      result = served.handle(body, context);
    } catch (error) {
      result = this.#refusal(error, request, context);
    }
    if (!(result instanceof Promise)) return encoded(request, result);
    return result.then(
      (later) => encoded(request, later),
      (error: unknown) => encoded(request, this.#refusal(error, request, context)),
    );
  }

  #refusal(
    error: unknown,
    { served, body }: ParsedRequest,
    context: RequestContext,
  ): Record<string, unknown> | Unanswered {
    if (!(error instanceof ProtocolError))
      this.#logger.error({ err: error, api: served.api.name }, `${served.api.name} failed`);
    if (served.refuse === undefined) return 'close-connection';
    return served.refuse(errorCodeOf(error), errorMessageOf(error), body, context);
  }
}

function encoded(
  { header, served, answerVersion }: ParsedRequest,
  result: Record<string, unknown> | Unanswered,
): Answer {
  if (result === 'no-answer' || result === 'close-connection') return result;
  return encodeResponse(served.api, answerVersion, header.correlationId, result);
}

/**
 * A client newer than the broker receives body v0 with UNSUPPORTED_VERSION and tries again
 * (KIP-511).
 */
function newerApiVersions(header: RequestHeader, served: ServedApi): ParsedRequest {
  if (header.apiKey !== apiVersions.key)
    throw new MalformedRequest(`${served.api.name} version ${header.apiVersion} is not served`);
  return {
    header,
    served: { ...served, handle: () => unsupportedVersion },
    body: undefined,
    answerVersion: 0,
    itemBytes: 0,
  };
}

const unsupportedVersion = {
  errorCode: errorCodes.UNSUPPORTED_VERSION,
  apiKeys: [
    { apiKey: apiVersions.key, minVersion: apiVersions.versions.min, maxVersion: apiVersions.versions.max },
  ],
};
