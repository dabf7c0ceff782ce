import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a process answers at a path: text, or an object as JSON. Undefined stands for 404. */
type Answer = (url: URL) => string | object | undefined;

/** A process of the tests' own, which a console takes for a service. */
export class StubService {
  #answer: Answer = () => undefined;
  readonly #server = createServer((request, reply) => {
    const said = this.#answer(new URL(request.url ?? '/', 'http://stub'));
    const text = typeof said === 'string' ? said : JSON.stringify(said ?? { code: 'unknown' });
    const type = typeof said === 'string' ? 'text/plain' : 'application/json';
    reply.writeHead(said === undefined ? 404 : 200, { 'content-type': type }).end(text);
  });

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  /** Known once it has started. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  answers(answer: Answer): void {
    this.#answer = answer;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
