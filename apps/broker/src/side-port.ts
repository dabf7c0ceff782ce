import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** Not by an import, which would read every export of the module, and one of them loads Node's whole HTTP client. */
const { createServer } = process.getBuiltinModule('node:http');

export interface SidePortParts {
  /** Undefined while there is nothing to measure. */
  readonly readMetrics: () => Promise<Pick<Registry, 'contentType' | 'metrics'> | undefined>;
  /** Why the broker takes no writes; undefined while all is well. */
  readonly trouble: () => string | undefined;
  readonly phase: () => 'starting' | 'ready' | 'stopping';
}

export interface SidePort {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Metrics and health beside the Kafka protocol. Rejects with one line when it cannot listen. */
export async function openSidePort(
  parts: SidePortParts,
  address: { readonly host: string; readonly port: number },
): Promise<SidePort> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      void answer(parts, request).then((given) => send(response, request, given));
    },
  );
  server.maxConnections = 50;
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE'
        ? 'is taken: stop the program that listens there'
        : `cannot be used (${message}): choose another`;
    throw new Error(
      `port ${address.port} on ${address.host} ${reason}, or set BROKER_HTTP_PORT (--http-port)`,
      { cause: error },
    );
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    close: () => close(server),
  };
}

async function answer(
  { readMetrics, trouble, phase }: SidePortParts,
  { method, url }: IncomingMessage,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET is answered\n');
  switch (url?.split('?')[0]) {
    case '/metrics':
      return metrics(readMetrics);
    case '/livez': {
      // A log directory that failed comes back by a restart alone, which checks what is on disk.
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
      return text(404, 'there is /metrics, /livez and /readyz\n');
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
