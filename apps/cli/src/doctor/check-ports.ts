import { OperationFailed } from '@millrace/operations/client';
import { createServer } from 'node:net';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { ok, problem, warning, type Finding } from './check-machine.ts';

interface PlannedPort {
  readonly label: string;
  readonly port: number;
  readonly portSetting: string;
  /** Whether the part moves to a free port if this one is taken. */
  readonly orAnyFree?: boolean;
}

/** The folder and the ports that `npm start` would use, or the error in its settings. */
type StartPlan =
  | { readonly problem: string }
  | {
      readonly dataFolder: string;
      readonly notices: readonly string[];
      readonly ports: readonly PlannedPort[];
    };

export interface StartRequest {
  readonly workspace: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The options of `npm start`. */
  readonly options: readonly string[];
}

/** Asks the stack's own program, which starts and writes nothing. */
export async function readStartPlan({ workspace, environment, options }: StartRequest): Promise<StartPlan> {
  const program = [join(workspace, 'tools/run.mjs'), join(workspace, 'apps/stack/src/plan/main.ts')];
  const child = spawn(process.execPath, [...program, ...options], {
    cwd: workspace,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    return JSON.parse(out) as StartPlan;
  } catch (cause) {
    throw new OperationFailed(`the settings of npm start cannot be read: ${err.trim().split('\n').at(-1)}`, {
      cause,
    });
  }
}

/** Checks that every port that a start would use is free, and names who has it otherwise. */
export const checkPorts = (ports: readonly PlannedPort[]): Promise<readonly Finding[]> =>
  Promise.all(ports.map(checkPort));

async function checkPort({ label, port, portSetting, orAnyFree }: PlannedPort): Promise<Finding> {
  const check = `port ${port}`;
  const refusal = await refusalOf(port);
  if (refusal === undefined) return ok(check, `free for ${label}`);
  if (refusal !== 'EADDRINUSE')
    return problem(check, `may not be opened for ${label} (${refusal})`, `set ${portSetting}`);
  const detail = `wanted by ${label}, taken by ${portHolder(port) ?? 'another program'}`;
  return orAnyFree === true
    ? warning(check, detail, `nothing to do: ${label} move to a free port`)
    : problem(check, detail, `stop that program, or set ${portSetting} (0 means any free port)`);
}

/** Resolves to the code with which the system refuses the port, or to undefined if it is free. */
const refusalOf = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });

/**
 * Returns the process that listens on a port of this machine, such as `node (process 4711)`.
 * Undefined if it cannot be known: on systems without /proc, or for another user's process.
 */
function portHolder(port: number): string | undefined {
  try {
    const inodes = new Set(
      ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)),
    );
    const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && holds(entry, inodes));
    return pid === undefined
      ? undefined
      : `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
  } catch {
    return undefined;
  }
}

const listening = '0A';

/** Column 2 is the local address with the port in hexadecimal, 4 the state, 10 the socket's inode. */
function listeningInodes(table: string, port: number): readonly string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(end) === true && state === listening)
    .flatMap((columns) => columns[9] ?? []);
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const [, inode = ''] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? [];
      return inodes.has(inode);
    });
  } catch {
    return false; // it is another user's, or has just ended
  }
}
