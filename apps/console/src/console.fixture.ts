import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { runServiceProcess, type ServiceProcess } from '@millrace/testing/service';

interface Asked {
  readonly method: string | undefined;
  /** The path with its query. */
  readonly path: string;
  readonly actor: string | undefined;
  readonly ifMatch: string | undefined;
  readonly body: unknown;
}

/** An answer of a service. By default it answers 404. */
type Answer = (asked: Asked) => { readonly status?: number; readonly body: object } | undefined;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface TestConsole {
  /** The actions that `inventory` was asked for in this test, by POST or PUT. */
  acts(): readonly Asked[];
  /**
   * The other requests to it. They may include reads for the previous test, which continue for a
   * few seconds.
   */
  reads(): readonly Asked[];
  /** Sets how `inventory` answers in this test. */
  answers(answer: Answer): void;
  /** Follows a live address until the test aborts, and resolves to the status of the answer. */
  follow(path: string, signal: AbortSignal): Promise<number>;
  /** The first state that a page gets at a live address. */
  first<State>(path: string): Promise<State>;
  get(path: string): Promise<Reply>;
  post(path: string, body: object): Promise<Reply>;
}

/**
 * Starts a console for the tests of a file. It shows two services: `inventory` answers as each test
 * says, and `payment` does not answer. Connect and the schema registry answer as `inventory` does.
 * `settings` are further settings of the console.
 */
export function testConsole(settings: () => Readonly<Record<string, string>> = () => ({})): TestConsole {
  const asked: Asked[] = [];
  let answer: Answer;
  let started: ServiceProcess | undefined;
  let url = '';
  const server = createServer((request, reply) => {
    void (async () => {
      const sent = await text(request);
      const one: Asked = {
        method: request.method,
        path: request.url ?? '',
        actor: request.headers['millrace-actor'] as string | undefined,
        ifMatch: request.headers['if-match'],
        body: sent === '' ? undefined : JSON.parse(sent),
      };
      asked.push(one);
      const { status = 200, body } = answer(one) ?? { status: 404, body: { code: 'unknown' } };
      reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const inventory = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    started = runServiceProcess(import.meta.dirname, {
      CONSOLE_PORT: '0',
      MILLRACE_OPS: `inventory=${inventory},payment=http://127.0.0.1:1`,
      CONNECT_URL: inventory,
      SCHEMA_REGISTRY_URL: inventory,
      PAGE_FOLDER: join(import.meta.dirname, 'page'),
      LOG_LEVEL: 'error',
      ...settings(),
    });
    ({ url } = await started.ready);
  });
  beforeEach(() => {
    asked.length = 0;
    answer = () => undefined;
  });
  afterAll(() => {
    started?.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  });
  const open = (path: string, signal?: AbortSignal) =>
    fetch(`${url}${path}`, { headers: { accept: 'text/event-stream' }, signal });
  return {
    acts: () => asked.filter(({ method }) => method !== 'GET'),
    reads: () => asked.filter(({ method }) => method === 'GET'),
    answers: (given) => (answer = given),
    async follow(path, signal) {
      return (await open(path, signal)).status;
    },
    async first<State>(path: string) {
      const reply = await open(path);
      if (reply.body === null || !reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
      let text = '';
      for await (const part of reply.body.pipeThrough(new TextDecoderStream())) {
        text += part;
        const data = /^event: snapshot\n(?:id: .*\n)?data: (.*)\n\n/m.exec(text)?.[1];
        if (data !== undefined) return JSON.parse(data) as State;
      }
      throw new Error(`${path} ended without a state: ${text}`);
    },
    get: async (path) => replyOf(await fetch(`${url}${path}`)),
    post: async (path, body) =>
      replyOf(
        await fetch(`${url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-millrace-console': '1' },
          body: JSON.stringify(body),
        }),
      ),
  };
}

async function replyOf(reply: Response): Promise<Reply> {
  const text = await reply.text();
  return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) };
}
