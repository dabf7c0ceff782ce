import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSpans } from './read-spans.ts';
import { TraceStore, type EndedSaga } from './trace-store.ts';

export interface TraceReceiver {
  readonly url: string;
  readonly store: TraceStore;
  /** The settings with which the services send their spans here. */
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const bodyBytesMax = 16_000_000;

/**
 * Accepts spans over OTLP/HTTP, as JSON, on a free port of loopback. `GET /traces/TRACE_ID` returns
 * them. Keeps a limited number in memory.
 */
export async function startTraceReceiver(onEnd: (saga: EndedSaga) => void): Promise<TraceReceiver> {
  const store = new TraceStore(onEnd);
  const server = createServer((request, response) => {
    answer(request, store).then(
      ({ status, body }) => reply(response, status, body),
      (error: unknown) => reply(response, 400, { message: String(error) }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    store,
    settings: {
      OTEL_SDK_DISABLED: 'false',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_BSP_MAX_QUEUE_SIZE: '8192',
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(request: IncomingMessage, store: TraceStore): Promise<Answer> {
  const { method, url = '/' } = request;
  const [, asked] = /^\/traces\/([\da-f]{32})$/.exec(url) ?? [];
  if (method === 'GET' && asked !== undefined) return { status: 200, body: { spans: store.trace(asked) } };
  if (method !== 'POST' || url !== '/v1/traces')
    return { status: 404, body: { message: 'POST /v1/traces or GET /traces/TRACE_ID' } };
  const body = await bodyOf(request);
  if (body === undefined) return { status: 413, body: { message: `more than ${bodyBytesMax} bytes` } };
  store.add(readSpans(JSON.parse(body)));
  return { status: 200, body: {} };
}

/** Reads the body. Returns undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
