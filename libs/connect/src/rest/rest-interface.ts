import type { Logger } from '@millrace/streaming-core/runtime';
import { forwardedUrl } from '@millrace/streaming-core/shared-state';
import { CommandRefused } from '../worker/command-refused.ts';
import type { ConnectWorker } from '../worker/worker.ts';
import { connectorRoutes } from './connector-routes.ts';
import type { LogLevels } from './log-levels.ts';
import {
  forwardedHeader,
  type RestAnswer,
  type RestRequest,
  type Route,
  type RouteRequest,
} from './rest-types.ts';
import { workerRoutes } from './worker-routes.ts';

/** Answers requests as Kafka's Connect does. Never rejects. */
export type RestInterface = (request: RestRequest) => Promise<RestAnswer>;

export interface RestInterfaceOptions {
  readonly worker: ConnectWorker;
  readonly levels: LogLevels;
  readonly logger: Logger;
}

/** How long another worker may take to answer. */
const forwardMsMax = 30_000;
/** How long a request waits while the workers elect their leader. */
const electionMsMax = 10_000;

/** Answers requests, except that a worker that does not lead forwards changes to the leader. */
export function restInterface({ worker, levels, logger }: RestInterfaceOptions): RestInterface {
  const routes = [...connectorRoutes(worker), ...workerRoutes(worker, levels)];
  return async (request) => {
    try {
      return await routed(worker, routes, request);
    } catch (error) {
      if (error instanceof CommandRefused) return problem(error.status, error.message);
      logger.error({ err: error, method: request.method }, 'a request failed');
      return problem(500, error instanceof Error ? error.message : String(error));
    }
  };
}

const problem = (status: number, message: string): RestAnswer => ({
  status,
  body: { error_code: status, message },
});

async function routed(
  worker: ConnectWorker,
  routes: readonly Route[],
  request: RestRequest,
): Promise<RestAnswer> {
  const { pathname, searchParams } = new URL(request.url, worker.url);
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname;
  const ofPath = routes.filter((route) => route.path.test(path));
  const route = ofPath.find(({ method }) => method === request.method);
  if (route === undefined)
    throw ofPath.length > 0
      ? new CommandRefused(405, 'HTTP 405 Method Not Allowed')
      : new CommandRefused(404, 'HTTP 404 Not Found');
  const [, ...groups] = route.path.exec(path)!;
  const wanted: RouteRequest = { params: groups.map(decoded), query: searchParams, body: request.body };
  const target = await targetOf(worker, route, wanted);
  if (target === undefined) return route.answer(wanted);
  if (request.forwarded === true) throw unsettled();
  return forward(worker, target, request);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new CommandRefused(400, `${text} cannot be a part of a URL`);
  }
}

/** Returns the address of the worker to forward to, or undefined if this one answers. */
async function targetOf(
  worker: ConnectWorker,
  { at }: Route,
  request: RouteRequest,
): Promise<string | undefined> {
  if (at === undefined) return undefined;
  const address = at === 'leader' ? await leaderOf(worker) : at(request);
  return address === worker.url ? undefined : address;
}

async function leaderOf(worker: ConnectWorker): Promise<string> {
  const end = performance.now() + electionMsMax;
  for (;;) {
    if (worker.leads) return worker.url;
    const { leaderUrl } = worker;
    if (leaderUrl !== undefined && leaderUrl !== worker.url) return leaderUrl;
    if (performance.now() > end) throw unsettled();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const unsettled = (): CommandRefused =>
  new CommandRefused(
    409,
    'Cannot complete request momentarily due to a rebalance of the workers, please try again later',
  );

/**
 * Forwards a change to the leader. Afterwards this worker reads the change, so that its own answers contain
 * it.
 */
async function forward(worker: ConnectWorker, target: string, request: RestRequest): Promise<RestAnswer> {
  const { method, url, body } = request;
  let answer: Response;
  try {
    answer = await fetch(forwardedUrl(target, url), {
      method,
      headers: { 'content-type': 'application/json', [forwardedHeader]: 'true' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(forwardMsMax),
    });
  } catch (error) {
    throw new CommandRefused(500, `The worker at ${target} did not answer: ${(error as Error).message}`);
  }
  const text = await answer.text();
  await worker.state.configTopic.readToEnd();
  const location = answer.headers.get('location');
  return {
    status: answer.status,
    ...(text !== '' && { body: JSON.parse(text) as unknown }),
    ...(location !== null && { location }),
  };
}
