/** The parts of a server-sent event stream as bytes on the wire. https://html.spec.whatwg.org/multipage/server-sent-events.html (9.2.5) */

export interface ServerSentEvent {
  /** What a client sends as Last-Event-ID when it comes again. */
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** JSON has no line breaks of its own, so the data is one line. `id` and `event` come from the service and have none either. */
export const eventFrame = ({ id, event, data }: ServerSentEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Ignored by clients; keeps proxies from taking the connection for dead. */
export const commentFrame = (comment: string): string => `: ${comment}\n\n`;

/** How long a client waits before it comes again. */
export const retryFrame = (retryMs: number): string => `retry: ${retryMs}\n\n`;
