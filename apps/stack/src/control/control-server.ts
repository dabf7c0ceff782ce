import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { supervisorRequest, type SupervisorAct, type SupervisorAnswer } from '@millrace/operations/contract';
import type { Clock } from '@millrace/streaming-core/runtime';
import { isPaused } from '../processes/process-register.ts';
import {
  processesNamed,
  unknownName,
  viewOf,
  type ControlledProcess,
  type LastAct,
} from './named-processes.ts';

export interface ControlOptions {
  readonly processes: readonly ControlledProcess[];
  /** Whether operators may kill and pause processes. */
  readonly faults: boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly print: (line: string) => void;
  /** Called when an operator has started a process. */
  readonly onStart: (name: string, pid: number) => void;
}

export interface Control {
  readonly url: string;
  /** Whoever sends it may act on the processes. Only the user of the stack can read it. */
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

const pastOf: Readonly<Record<SupervisorAct, string>> = {
  stop: 'stopped',
  start: 'started',
  kill: 'killed',
  pause: 'paused',
  resume: 'resumed',
};

const faultSignals = { kill: 'SIGKILL', pause: 'SIGSTOP', resume: 'SIGCONT' } as const;
type Fault = keyof typeof faultSignals;
const isFault = (act: SupervisorAct): act is Fault => act in faultSignals;

/**
 * Lets an operator stop and start services, which the supervisor would otherwise restart, and kill and
 * pause any process if faults are allowed. Listens on loopback, on any free port.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { processes, faults, clock, print, onStart } = options;
  const token = randomBytes(tokenBytes).toString('hex');
  const lastActs = new Map<string, LastAct>();
  const view = (each: ControlledProcess) => viewOf(each, lastActs.get(each.supervised.name));

  const stopOne = async ({ supervised }: ControlledProcess, record: () => void): Promise<void> => {
    if (!supervised.isStopped) record();
    await supervised.stop();
  };
  const startOne = async ({ supervised }: ControlledProcess, record: () => void): Promise<void> => {
    if (!supervised.isStopped) return;
    if (!server.listening) throw new Refused(503, 'the whole stack is being stopped');
    await supervised.start().catch((error: Error) => {
      throw new Refused(500, error.message);
    });
    onStart(supervised.name, supervised.pid ?? 0);
    record();
  };
  const disturb = async (fault: Fault, { supervised: { pid } }: ControlledProcess, record: () => void) => {
    if (pid === undefined) return;
    if (fault !== 'kill' && isPaused(pid) === (fault === 'pause')) return;
    if (hasSent(pid, faultSignals[fault])) record();
  };

  const act = async (
    name: string,
    verb: SupervisorAct,
    request: IncomingMessage,
  ): Promise<SupervisorAnswer> => {
    if (isFault(verb) && !faults) throw new Refused(403, faultsAreOff);
    const offered = isFault(verb) ? processes : processes.filter(({ service }) => service !== undefined);
    const named = processesNamed(offered, name);
    if (named.length === 0) throw new Refused(404, unknownName(offered, name));
    const { actor, reason } = await readRequest(request);
    const lastAct: LastAct = {
      act: verb,
      actor,
      ...(reason && { reason }),
      at: new Date(clock.now()).toISOString(),
    };
    const done = await Promise.allSettled(
      named.map((each) => {
        const record = () => void lastActs.set(each.supervised.name, lastAct);
        if (isFault(verb)) return disturb(verb, each, record);
        return verb === 'stop' ? stopOne(each, record) : startOne(each, record);
      }),
    );
    const changed = named
      .map(({ supervised }) => supervised.name)
      .filter((each) => lastActs.get(each) === lastAct);
    const why = reason === undefined ? '' : ` (${reason})`;
    for (const each of changed) print(`${each} was ${pastOf[verb]} by ${actor}${why}`);
    const failed = done.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { changed, processes: named.map(view) };
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    if (!isAuthorized(request, token))
      throw new Refused(401, 'the token of the supervisor is missing or wrong');
    const { pathname } = new URL(request.url ?? '', 'http://supervisor');
    if (request.method === 'GET' && pathname === '/processes') return { processes: processes.map(view) };
    const [, name, verb] = /^\/processes\/([^/]+)\/(stop|start|kill|pause|resume)$/.exec(pathname) ?? [];
    if (request.method !== 'POST' || name === undefined || verb === undefined)
      throw new Refused(404, 'there is no such call of the supervisor');
    return act(decodedName(name), verb as SupervisorAct, request);
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

const faultsAreOff =
  'the stack was started without faults: stop it, and start it again with MILLRACE_FAULTS=1 npm start';

/** False if the process has just ended. */
function hasSent(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
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
