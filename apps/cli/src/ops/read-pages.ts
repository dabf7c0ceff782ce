import type { Call } from '../command/command.ts';
import { askAll } from './find-services.ts';
import type { OpsClient } from './ops-client.ts';

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

/** Reads the first items of all services, and tells on standard error if there may be others. */
export async function listFirst<Item>(
  call: Call,
  limit: number,
  read: (ops: OpsClient) => Promise<FirstItems<Item>>,
): Promise<readonly Item[]> {
  const found = await askAll(call, async (ops) => [await read(ops)]);
  const items = found.flatMap((first) => first.items);
  if (items.length > limit || found.some(({ mayHaveMore }) => mayHaveMore))
    tellMore(call, limit, ', or name one service with --ops');
  return items.slice(0, limit);
}

export const tellMore = ({ session }: Call, limit: number, orElse = ''): void =>
  session.terminal.err(`these are the first ${limit}, and there may be more: raise --limit${orElse}`);
