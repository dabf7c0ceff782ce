import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface SeenTokenRequest {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestTokenEndpoint {
  readonly url: URL;
  readonly seen: readonly SeenTokenRequest[];
  stop(): Promise<void>;
}

/** Starts an HTTP server on a free loopback port that answers every request with `answer`. */
export async function startTokenEndpoint(
  answer: (response: ServerResponse, count: number, body: string) => void,
): Promise<TestTokenEndpoint> {
  const seen: SeenTokenRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ method: request.method, headers: request.headers, body });
      answer(response, seen.length, body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/token`),
    seen,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export const answerJson = (response: ServerResponse, status: number, content: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
};
