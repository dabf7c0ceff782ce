import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly method: string | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface StubAnswer {
  readonly status?: number;
  readonly etag?: string;
  readonly body: unknown;
}

export interface OpsStub {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): void;
}

/** Starts an operator API that answers as a test says, and with 404 where the test says nothing. */
export async function opsStub(answer: (asked: Asked) => StubAnswer | undefined): Promise<OpsStub> {
  const asked: Asked[] = [];
  const server = createServer((request, reply) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://stub');
      const sent = await text(request);
      const one: Asked = {
        method: request.method,
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: request.headers,
        body: sent === '' ? undefined : JSON.parse(sent),
      };
      asked.push(one);
      const {
        status = 200,
        etag,
        body,
      } = answer(one) ?? {
        status: 404,
        body: { title: 'There is no such page', code: 'not_found' },
      };
      reply.writeHead(status, { 'content-type': 'application/json', ...(etag !== undefined && { etag }) });
      reply.end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => void server.close(),
  };
}
