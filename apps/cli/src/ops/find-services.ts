import { readFileSync } from 'node:fs';
import type { Call, OptionDefinition, Session } from '../command/command.ts';
import { CommandFailed, UsageError } from '../command/failures.ts';
import { findLocalStack, noStack } from '../places/local-stack.ts';
import { namedUrls } from '../places/named-urls.ts';
import { connectOps, localActor, OpsRefusal, type OpsClient } from './ops-client.ts';

export const opsOption: OptionDefinition = {
  flags: '--ops <service=url>',
  meaning:
    'operator API of a service (default: MILLRACE_OPS, or the running stack); may be repeated; OPS_TOKEN or ' +
    'OPS_TOKEN_FILE has its token',
  repeatable: true,
};

/** The options of commands that act. They name the actor, the reason and the services. */
export const actOptions: readonly OptionDefinition[] = [
  { flags: '--reason <text>', meaning: 'why, for those who read the history later; required' },
  { flags: '--actor <name>', meaning: 'who acts (default: MILLRACE_ACTOR, or your user and machine)' },
  opsOption,
];

/** Returns the reason of an act. Throws `UsageError` if there is none. */
export function reasonOf({ options }: Call): string {
  const reason = options.text('reason');
  if (reason === undefined)
    throw new UsageError('give a reason, which is recorded with the act: --reason TEXT');
  return reason;
}

/** Connects to the operator API of every service, or of every process of every service. */
export function opsClients(call: Call, of: 'services' | 'processes' = 'services'): readonly OpsClient[] {
  const { options, session } = call;
  const urls = urlsOf(call, of);
  if (urls.length === 0) throw noStack(call, 'name an operator API with --ops order=http://HOST:PORT');
  const token = tokenIn(session.environment);
  const actor = options.text('actor') ?? (session.environment.MILLRACE_ACTOR?.trim() || localActor());
  return urls.map(([service, url]) => connectOps({ service, url, token, actor }));
}

function tokenIn({ OPS_TOKEN: token, OPS_TOKEN_FILE: file }: Session['environment']): string | undefined {
  if (token?.trim() || !file?.trim()) return token?.trim() || undefined;
  try {
    return readFileSync(file.trim(), 'utf8').trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CommandFailed(`OPS_TOKEN_FILE ${file} cannot be read (${code}): correct it, or set OPS_TOKEN`, {
      cause,
    });
  }
}

function urlsOf(
  call: Call,
  of: 'services' | 'processes',
): ReadonlyArray<readonly [service: string, url: string]> {
  const named = namedUrls(call, {
    option: 'ops',
    variable: 'MILLRACE_OPS',
    example: 'order=http://127.0.0.1:3901',
  });
  if (named.length > 0) return named;
  const { databases = {}, operators = {} } = findLocalStack(call) ?? {};
  if (of === 'processes') return Object.entries(operators);
  // Every process of a service answers. The first one has the name of the service.
  return Object.keys(databases).flatMap((service) => {
    const url = operators[service];
    return url === undefined ? [] : [[service, url] as const];
  });
}

/** Connects to the operator API of one service. Throws `CommandFailed` if there is no such service. */
export function opsClient(call: Call, service: string): OpsClient {
  const clients = opsClients(call);
  const found = clients.find((one) => one.service === service);
  if (found !== undefined) return found;
  const known = clients.map((one) => one.service).join(', ');
  throw new CommandFailed(`no service ${service} here: name one of ${known}`);
}

const isAbsent = (error: unknown): boolean => error instanceof OpsRefusal && error.status === 404;

function noneIfAbsent(error: unknown): readonly never[] {
  if (isAbsent(error)) return [];
  throw error;
}

/**
 * Asks every service, and leaves out those that do not have the resource. Reports those that cannot
 * be reached and returns what the others have. Rejects if that leaves none.
 */
export async function askAll<Result>(
  call: Call,
  ask: (ops: OpsClient) => Promise<readonly Result[]>,
  of?: 'services' | 'processes',
): Promise<readonly Result[]> {
  const { found, missing } = await askReachable(opsClients(call, of), ask);
  const [first] = missing;
  if (found.length === 0 && first !== undefined) throw new CommandFailed(first);
  missing.forEach(call.incomplete);
  return found.flat();
}

/** Asks one service after the other, and leaves out those that do not have the resource. */
export async function askInTurn<Result>(
  call: Call,
  ask: (ops: OpsClient) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const found: Result[] = [];
  for (const ops of opsClients(call)) found.push(...(await ask(ops).catch(noneIfAbsent)));
  return found;
}

export interface Answers<Result> {
  readonly found: readonly Result[];
  /** Why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}

/** Asks every service that can be reached, and leaves out those that do not have the resource. */
export async function askReachable<Result>(
  clients: readonly OpsClient[],
  ask: (ops: OpsClient) => Promise<Result>,
): Promise<Answers<Result>> {
  const answers = await Promise.allSettled(clients.map(ask));
  const failures = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as Error] : [],
  );
  return {
    found: answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])),
    missing: failures.filter((failure) => !isAbsent(failure)).map(({ message }) => message),
  };
}

/** Whether every service would refuse the request in the same way. */
const isWrong = (error: unknown): boolean =>
  error instanceof OpsRefusal && error.status < 500 && !isAbsent(error);

/** Asks one service after the other until one has the thing. `thing` names it for the error. */
export async function findOwner<Result>(
  call: Call,
  thing: string,
  ask: (ops: OpsClient) => Promise<Result>,
): Promise<{ readonly ops: OpsClient; readonly found: Result }> {
  const clients = opsClients(call);
  const missing: string[] = [];
  for (const ops of clients) {
    try {
      return { ops, found: await ask(ops) };
    } catch (error) {
      if (!(error instanceof CommandFailed) || isWrong(error)) throw error;
      if (!isAbsent(error)) missing.push(error.message);
    }
  }
  const asked = clients.map(({ service }) => service).join(', ');
  throw new CommandFailed([`no ${thing} at ${asked}`, ...missing].join('; '));
}

/** Reads a list that has no pages. */
export const readItems = async <Item>(ops: OpsClient, path: string): Promise<readonly Item[]> =>
  (await ops.get<{ readonly items: readonly Item[] }>(path)).body.items;
