import { readFileSync } from 'node:fs';
import {
  askReachable,
  connectOps,
  findOwner,
  InvalidInput,
  isAbsent,
  localActor,
  OperationFailed,
  type FirstItems,
  type OpsClient,
} from '@millrace/operations/client';
import { addressesOf } from './addresses.ts';
import type { Call, OptionDefinition, Session } from './command/command.ts';

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

/** Returns the reason of an act. Throws `InvalidInput` if there is none. */
export function reasonOf({ options }: Call): string {
  const reason = options.text('reason');
  if (reason === undefined)
    throw new InvalidInput('give a reason, which is recorded with the act: --reason TEXT');
  return reason;
}

/** Connects to the operator API of every service, or of every process of every service. */
export function opsClients(call: Call, of: 'services' | 'processes' = 'services'): readonly OpsClient[] {
  const { options, session } = call;
  const addresses = addressesOf(call);
  const urls = addresses.operators(of);
  if (urls.length === 0) throw addresses.noStack('name an operator API with --ops order=http://HOST:PORT');
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
    throw new OperationFailed(
      `OPS_TOKEN_FILE ${file} cannot be read (${code}): correct it, or set OPS_TOKEN`,
      {
        cause,
      },
    );
  }
}

/** Connects to the operator API of one service. Throws `OperationFailed` if there is no such service. */
export function opsClient(call: Call, service: string): OpsClient {
  const clients = opsClients(call);
  const found = clients.find((one) => one.service === service);
  if (found !== undefined) return found;
  const known = clients.map((one) => one.service).join(', ');
  throw new OperationFailed(`no service ${service} here: name one of ${known}`);
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
  if (found.length === 0 && first !== undefined) throw new OperationFailed(first);
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

function noneIfAbsent(error: unknown): readonly never[] {
  if (isAbsent(error)) return [];
  throw error;
}

/** Asks one service after the other until one has the thing. */
export const findAtOperators = <Result>(
  call: Call,
  thing: string,
  ask: (ops: OpsClient) => Promise<Result>,
): ReturnType<typeof findOwner<Result>> => findOwner(opsClients(call), thing, ask);

/**
 * Reads the first items of all services, one service after the other or in an order, and tells on
 * standard error if there may be others.
 */
export async function listFirst<Item>(
  call: Call,
  limit: number,
  read: (ops: OpsClient) => Promise<FirstItems<Item>>,
  order?: (one: Item, other: Item) => number,
): Promise<readonly Item[]> {
  const found = await askAll(call, async (ops) => [await read(ops)]);
  const items = found.flatMap((first) => first.items);
  if (order !== undefined) items.sort(order);
  if (items.length > limit || found.some(({ mayHaveMore }) => mayHaveMore))
    tellMore(call, limit, ', or name one service with --ops');
  return items.slice(0, limit);
}

export const tellMore = ({ session }: Call, limit: number, orElse = ''): void =>
  session.terminal.err(`these are the first ${limit}, and there may be more: raise --limit${orElse}`);
