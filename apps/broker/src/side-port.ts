import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/**
 * `getBuiltinModule` loads less than an import. An import reads every export of the module, and one
 * of them loads Node's whole HTTP client.
 */
const { createServer } = process.getBuiltinModule('node:http');

export interface SidePortParts {
  /** Returns undefined before the broker has started. */
  readonly readMetrics: () => Promise<Pick<Registry, 'contentType' | 'metrics'> | undefined>;
  /** Returns why the broker accepts no writes, or undefined while it is healthy. */
  readonly trouble: () => string | undefined;
  readonly phase: () => 'starting' | 'ready' | 'stopping';
}

export interface SidePort {
  readonly url: string;
  /**
   * The port that was configured but is taken; undefined when the side port listens on the
   * configured one.
   */
  readonly insteadOf: number | undefined;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface SideAddress {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** Whether to take any free port when this one is taken. Default: false. */
  readonly orAnyFree?: boolean;
}

/** Serves metrics and health over HTTP. Rejects with a one-line error when it cannot listen. */
export async function openSidePort(
  parts: SidePortParts,
  { host, port: wanted, orAnyFree = false }: SideAddress,
): Promise<SidePort> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      void answer(parts, request).then((given) => send(response, request, given));
    },
  );
  server.maxConnections = 50;
  let isTaken = false;
  try {
    await listen(server, { host, port: wanted });
  } catch (error) {
    isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (!isTaken || !orAnyFree) throw unusable(error, { host, port: wanted });
    await listen(server, { host, port: 0 });
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    insteadOf: isTaken ? wanted : undefined,
    close: () => close(server),
  };
}

type Address = Pick<SideAddress, 'host' | 'port'>;

async function listen(server: Server, { host, port }: Address): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function unusable(error: unknown, { host, port }: Address): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'EADDRINUSE'
      ? 'is taken: stop the program that listens there'
      : `cannot be used (${message}): choose another`;
  return new Error(`port ${port} on ${host} ${reason}, or set BROKER_HTTP_PORT (--http-port)`, {
    cause: error,
  });
}

async function answer(
  { readMetrics, trouble, phase }: SidePortParts,
  { method, url }: IncomingMessage,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET and HEAD are supported\n');
  switch (url?.split('?')[0]) {
    case '/metrics':
      return metrics(readMetrics);
    case '/livez': {
      // Only a restart brings back a log directory that failed, since it checks what is on disk.
      const cause = trouble();
      return json(cause === undefined ? 200 : 503, {
        status: cause === undefined ? 'alive' : 'offline',
        cause,
      });
    }
    case '/readyz': {
      const cause = trouble();
      const status = cause !== undefined && phase() === 'ready' ? 'offline' : phase();
      return json(status === 'ready' ? 200 : 503, { status, cause });
    }
    default:
      return text(404, 'the paths are /metrics, /livez and /readyz\n');
  }
}

async function metrics(readMetrics: SidePortParts['readMetrics']): Promise<Answer> {
  try {
    const registry = await readMetrics();
    if (registry === undefined) return text(503, 'the broker is starting\n');
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  } catch (error) {
    return text(
      500,
      `the metrics could not be read: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });
const json = (status: number, body: object): Answer => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(body)}\n`,
});

function send(response: ServerResponse, { method }: IncomingMessage, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(method === 'HEAD' ? undefined : body);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
