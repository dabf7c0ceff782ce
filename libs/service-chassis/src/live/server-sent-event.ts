/**
 * One event of a server-sent event stream.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html (9.2.5)
 */

export interface ServerSentEvent {
  /** A client sends it as Last-Event-ID when it reconnects. */
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/**
 * JSON contains no line breaks, so the data is one line. `id` and `event` come from the service and
 * contain none either.
 */
export const eventFrame = ({ id, event, data }: ServerSentEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Clients ignore a comment. It keeps proxies from closing an idle connection. */
export const commentFrame = (comment: string): string => `: ${comment}\n\n`;

/** Tells the client how long to wait before it reconnects. */
export const retryFrame = (retryMs: number): string => `retry: ${retryMs}\n\n`;
