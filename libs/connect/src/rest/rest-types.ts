/** A request to the REST interface, independent of the HTTP server. */
export interface RestRequest {
  readonly method: string;
  /** The path and the query, such as `/connectors?expand=status`. */
  readonly url: string;
  /** The parsed JSON, or undefined without a body. */
  readonly body?: unknown;
  /** Whether another worker has forwarded it. */
  readonly forwarded?: boolean;
}

export interface RestAnswer {
  readonly status: number;
  /** The JSON to send, or undefined for an answer without a body. */
  readonly body?: unknown;
  readonly location?: string;
}

/** Marks a request that a worker has forwarded, so that workers cannot forward it in a circle. */
export const forwardedHeader = 'x-millrace-connect-forwarded';

export interface RouteRequest {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface Route {
  readonly method: string;
  /** Matches the path. Its groups are the parameters, still percent-encoded. */
  readonly path: RegExp;
  /** The worker that answers: the leader, the owner of a task, or by default this one. */
  readonly at?: 'leader' | ((request: RouteRequest) => string | undefined);
  readonly answer: (request: RouteRequest) => RestAnswer | Promise<RestAnswer>;
}
