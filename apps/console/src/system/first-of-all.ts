import { askReachable, readPages, type OpsClient } from '@millrace/operations/client';
import type { FirstOfAll } from '../api/shown.ts';

interface ListOfAll<Item> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly limit: number;
  /** The field by which the items of all services are merged. */
  readonly orderBy: (item: Item) => string;
  /** Whether the services list the items with the highest field first. */
  readonly descending?: boolean;
}

/** Reads a list at every service. A service that does not have it is left out. */
export async function firstOfAll<Item>(
  services: readonly OpsClient[],
  { path, query = {}, limit, orderBy, descending = false }: ListOfAll<Item>,
): Promise<FirstOfAll<Item>> {
  const { found, missing } = await askReachable(services, async (ops) => {
    const { items, mayHaveMore } = await readPages<Item>(ops, path, query, limit);
    return { mayHaveMore, items: items.map((item) => ({ ...item, service: ops.service })) };
  });
  const items = found
    .flatMap((page) => page.items)
    .sort((one, other) => orderBy(one).localeCompare(orderBy(other)) * (descending ? -1 : 1));
  return {
    items: items.slice(0, limit),
    mayHaveMore: items.length > limit || found.some(({ mayHaveMore }) => mayHaveMore),
    missing,
  };
}
