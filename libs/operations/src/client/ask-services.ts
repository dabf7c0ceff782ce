import { OperationFailed } from './errors.ts';
import { OpsRefusal, type OpsClient } from './ops-client.ts';

export interface Answers<Result> {
  readonly found: readonly Result[];
  /** Why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}

/** Whether the service answered that it does not have the resource. */
export const isAbsent = (error: unknown): boolean => error instanceof OpsRefusal && error.status === 404;

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

interface Owner<Result> {
  readonly ops: OpsClient;
  readonly found: Result;
}

interface Failure {
  readonly ops: OpsClient;
  readonly error: Error;
}

/** Asks one service after the other until one has the thing. `thing` names it for the error. */
export async function findOwner<Result>(
  clients: readonly OpsClient[],
  thing: string,
  ask: (ops: OpsClient) => Promise<Result>,
): Promise<Owner<Result>> {
  const failures: Failure[] = [];
  for (const ops of clients) {
    try {
      return { ops, found: await ask(ops) };
    } catch (error) {
      if (!(error instanceof OperationFailed) || isWrong(error)) throw error;
      failures.push({ ops, error });
    }
  }
  throw isNowhere(thing, failures);
}

function isNowhere(thing: string, failures: readonly Failure[]): OperationFailed {
  const silent = failures.filter(({ error }) => !isAbsent(error));
  const without = failures.filter(({ error }) => isAbsent(error));
  const namesOf = (some: readonly Failure[]) => some.map(({ ops }) => ops.service);
  if (silent.length === 0) return new OperationFailed(`no ${thing} at ${namesOf(without).join(', ')}`);
  return new OperationFailed(
    [
      `${thing} may be at ${namesOf(silent).join(' or ')}, which did not answer: try again`,
      ...silent.map(({ error }) => error.message),
      ...namesOf(without).map((service) => `${service} does not have it`),
    ].join('; '),
  );
}

/**
 * Asks every service, and returns each that has the thing, with its answer. Rejects if none has it,
 * or if a service answers that the request is ambiguous.
 */
export async function findOwners<Result>(
  clients: readonly OpsClient[],
  thing: string,
  ask: (ops: OpsClient) => Promise<Result>,
): Promise<readonly Owner<Result>[]> {
  const answers = await Promise.allSettled(clients.map(ask));
  const failures = answers.flatMap((answer, index): readonly Failure[] =>
    answer.status === 'rejected' ? [{ ops: clients[index]!, error: answer.reason as Error }] : [],
  );
  const owners = answers.flatMap((answer, index) =>
    answer.status === 'fulfilled' ? [{ ops: clients[index]!, found: answer.value }] : [],
  );
  const errors = failures.map(({ error }) => error);
  const wrong = errors.find((error) => !(error instanceof OperationFailed) || isAmbiguous(error));
  if (wrong !== undefined) throw wrong;
  if (owners.length === 0) throw errors.find(isWrong) ?? isNowhere(thing, failures);
  return owners;
}

const isAmbiguous = (error: unknown): boolean => error instanceof OpsRefusal && error.status === 409;

/** Reads a list that has no pages. */
export const readItems = async <Item>(ops: OpsClient, path: string): Promise<readonly Item[]> =>
  (await ops.get<{ readonly items: readonly Item[] }>(path)).body.items;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** The first items of a list. */
export interface FirstItems<Item> {
  readonly items: readonly Item[];
  /** False if the service has certainly no others. */
  readonly mayHaveMore: boolean;
}

const pageMax = 100;

/** Reads pages until it has `limit` items or there is none left. */
export async function readPages<Item>(
  ops: OpsClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<FirstItems<Item>> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const asked = { ...query, limit: String(Math.min(pageMax, limit - items.length)), after };
    const { body } = await ops.get<Page<Item>>(path, asked);
    items.push(...body.items);
    after = body.nextCursor ?? undefined;
  } while (after !== undefined && items.length < limit);
  return { items, mayHaveMore: after !== undefined };
}
