import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';

/** What a process answers at a path: text, or an object as JSON. Undefined stands for 404. */
type Answer = (url: URL, request: IncomingMessage) => string | object | undefined;

/** A process of the tests' own, which a console takes for a service. */
export interface StubService {
  /** Known once the tests of the file have begun. */
  url(): string;
  answers(answer: Answer): void;
}

/** Starts a stub before the tests of a file, and ends it after them. */
export function stubService(): StubService {
  let answer: Answer = () => undefined;
  const server = createServer((request, reply) => {
    const said = answer(new URL(request.url ?? '/', 'http://stub'), request);
    const text = typeof said === 'string' ? said : JSON.stringify(said ?? { code: 'unknown' });
    const type = typeof said === 'string' ? 'text/plain' : 'application/json';
    reply.writeHead(said === undefined ? 404 : 200, { 'content-type': type }).end(text);
  });
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: (given) => (answer = given),
  };
}
