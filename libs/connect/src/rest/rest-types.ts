/** A request to the REST interface, whatever server has taken it. */
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
  /** To be sent as JSON. Absent for an answer without a body. */
  readonly body?: unknown;
  readonly location?: string;
}

/** The header of a request that a worker has forwarded, so that it is not forwarded in a circle. */
export const forwardedHeader = 'x-millrace-connect-forwarded';

export interface RouteRequest {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface Route {
  readonly method: string;
  /** The groups are the parameters, still percent-encoded. */
  readonly path: RegExp;
  /** The address of the worker that answers: the leader, an owner of a task, or this one. */
  readonly at?: 'leader' | ((request: RouteRequest) => string | undefined);
  readonly answer: (request: RouteRequest) => RestAnswer | Promise<RestAnswer>;
}
