import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { silentLogger, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import {
  adjustableLogger,
  forwardedHeader,
  restInterface,
  startWorker,
  type ConnectConfig,
  type ConnectWorker,
  type PluginTable,
  type RestInterface,
  type WorkerOptions,
} from './index.ts';

export interface TestWorkerOptions extends Partial<WorkerOptions> {
  /** The address `127.0.0.1:PORT`. */
  readonly broker: string;
  readonly plugins: PluginTable;
  readonly logger?: Logger;
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

export interface TestAnswer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what the answer has
  readonly body: any;
}

/** A worker with its REST interface on a port of its own. */
export interface TestWorker extends AsyncDisposable {
  readonly url: string;
  readonly worker: ConnectWorker;
  request(method: string, path: string, body?: unknown): Promise<TestAnswer>;
  /** Creates the connector, and waits until it and all its tasks are running. */
  run(name: string, config: ConnectConfig): Promise<void>;
  /** Waits until the connector and all its tasks have this state. */
  has(name: string, state: string): Promise<TestAnswer>;
  stop(): Promise<void>;
}

const limitMs = 30_000;

export async function startTestWorker({
  broker,
  port = 0,
  logger = silentLogger,
  ...options
}: TestWorkerOptions): Promise<TestWorker> {
  const serving: { answer?: RestInterface } = {};
  const server = createServer((request, response) => void respond(request, response, () => serving.answer));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const { levels } = adjustableLogger(logger, systemClock);
  const worker = await startWorker({
    connection: { bootstrapServers: [broker], clientId: 'connect-test', logger },
    groupId: 'connect-cluster',
    url,
    logger,
    ...options,
  }).catch((error: unknown) => {
    server.close();
    throw error;
  });
  serving.answer = restInterface({ worker, levels, logger });
  const stop = async () => {
    await worker.close();
    server.closeAllConnections();
    server.close();
  };
  const request = (method: string, path: string, body?: unknown) => requested(url, method, path, body);
  const has = (name: string, state: string) =>
    until(
      () => request('GET', `/connectors/${name}/status`),
      ({ body }) => isAll(body, state),
      limitMs,
    );
  return {
    url,
    worker,
    request,
    has,
    async run(name, config) {
      const created = await request('POST', '/connectors', { name, config });
      if (created.status !== 201) throw new Error(JSON.stringify(created.body));
      await has(name, 'RUNNING');
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export async function requested(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<TestAnswer> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what the answer has
const isAll = (body: any, state: string): boolean =>
  body?.connector?.state === state &&
  (state === 'STOPPED' ? body.tasks.length === 0 : body.tasks.length > 0) &&
  body.tasks.every((task: { state: string }) => task.state === state);

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  rest: () => RestInterface | undefined,
): Promise<void> {
  const answer = rest();
  if (answer === undefined) return void response.writeHead(503).end();
  const hasBody =
    request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0';
  const { status, body, location } = await answer({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    body: hasBody ? await json(request) : undefined,
    forwarded: request.headers[forwardedHeader] !== undefined,
  });
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(location !== undefined && { location }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
