import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { supervisorRequest, type SupervisorAnswer } from '@millrace/operations/contract';
import type { Clock } from '@millrace/streaming-core/runtime';
import {
  processesNamed,
  unknownName,
  viewOf,
  type ControlledProcess,
  type Stopped,
} from './named-processes.ts';

export interface ControlOptions {
  readonly processes: readonly ControlledProcess[];
  readonly clock: Pick<Clock, 'now'>;
  readonly print: (line: string) => void;
  /** Called when an operator has started a process. */
  readonly onStart: (name: string, pid: number) => void;
}

export interface Control {
  readonly url: string;
  /** Whoever sends it may stop and start processes. Only the user of the stack can read it. */
  readonly token: string;
  stop(): Promise<void>;
}

/** The request cannot be carried out. The message is for the operator. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

const bodyBytesMax = 10_000;
const tokenBytes = 32;

/**
 * Lets an operator stop and start services, which the supervisor would otherwise restart. Listens on
 * loopback, on any free port.
 */
export async function startControl({ processes, clock, print, onStart }: ControlOptions): Promise<Control> {
  const token = randomBytes(tokenBytes).toString('hex');
  const stoppedBy = new Map<string, Stopped>();
  const view = (each: ControlledProcess) => viewOf(each, stoppedBy.get(each.supervised.name));

  const stopOne = async (each: ControlledProcess, stopped: Stopped): Promise<readonly string[]> => {
    const { name, isStopped } = each.supervised;
    if (!isStopped) stoppedBy.set(name, stopped);
    await each.supervised.stop();
    return isStopped ? [] : [name];
  };
  const startOne = async ({ supervised }: ControlledProcess): Promise<readonly string[]> => {
    if (!supervised.isStopped) return [];
    if (!server.listening) throw new Refused(503, 'the whole stack is being stopped');
    await supervised.start().catch((error: Error) => {
      throw new Refused(500, error.message);
    });
    onStart(supervised.name, supervised.pid ?? 0);
    return [supervised.name];
  };

  const act = async (name: string, verb: string, request: IncomingMessage): Promise<SupervisorAnswer> => {
    const named = processesNamed(processes, name);
    if (named.length === 0) throw new Refused(404, unknownName(processes, name));
    const { actor, reason } = await readRequest(request);
    const stopped: Stopped = { actor, ...(reason && { reason }), at: new Date(clock.now()).toISOString() };
    const done = await Promise.allSettled(
      named.map((each) => (verb === 'stop' ? stopOne(each, stopped) : startOne(each))),
    );
    const changed = done.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const why = reason === undefined ? '' : ` (${reason})`;
    for (const each of changed)
      print(`${each} was ${verb === 'stop' ? 'stopped' : 'started'} by ${actor}${why}`);
    const failed = done.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { changed, processes: named.map(view) };
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    if (!isAuthorized(request, token))
      throw new Refused(401, 'the token of the supervisor is missing or wrong');
    const { pathname } = new URL(request.url ?? '', 'http://supervisor');
    if (request.method === 'GET' && pathname === '/processes') return { processes: processes.map(view) };
    const [, name, verb] = /^\/processes\/([^/]+)\/(stop|start)$/.exec(pathname) ?? [];
    if (request.method !== 'POST' || name === undefined || verb === undefined)
      throw new Refused(404, 'there is no such call of the supervisor');
    return act(decodedName(name), verb, request);
  };

  const server = createServer((request, reply) => {
    answer(request).then(
      (body) => send(reply, 200, body),
      (error: Error) =>
        send(reply, error instanceof Refused ? error.status : 500, { message: error.message }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const right = Buffer.from(`Bearer ${token}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

function decodedName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Refused(400, 'the name of the service is not valid UTF-8', { cause });
  }
}

async function readRequest(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Refused(413, `a request has at most ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  const result = supervisorRequest.safeParse(parsedJson(Buffer.concat(chunks).toString()));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new Refused(400, problems.join('; '));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(reply: ServerResponse, status: number, body: object): void {
  reply.writeHead(status, { 'content-type': 'application/json' });
  reply.end(JSON.stringify(body));
}
