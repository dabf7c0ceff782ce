import { withDatabase } from '../places/connect-database.ts';
import { lastWords, orderOverviews, orderWords } from './books.sql.ts';
import { query, type Row, type ServiceDatabases } from './service-databases.ts';
import { violation, type Violation } from './violation.ts';

/** The columns of an overview that follow from the events of a service; null without such an event. */
type Columns = Readonly<Record<string, string | null>>;

/**
 * Compares the overviews of orders, which follow the topics, with the events of all services.
 * `readUrl` is the database of the read models, if they have one of their own.
 */
export async function overviewViolations(
  databases: ServiceDatabases,
  readUrl: string | undefined,
): Promise<readonly Violation[]> {
  const [orders, ...others] = await Promise.all([
    query(databases.order, orderWords),
    query(databases.inventory, lastWords.reservation),
    query(databases.payment, lastWords.payment),
    query(databases.shipping, lastWords.shipment),
    query(databases.notification, lastWords.mail),
  ]);
  return differences([orders, ...others], await overviewsIn(readUrl ?? databases.order));
}

/** Returns nothing for a database that has no such read model. */
const overviewsIn = (url: string): Promise<readonly Row[] | undefined> =>
  withDatabase(url, async (client) => {
    const { rows } = await client.query<{ found: boolean }>(
      `SELECT to_regclass('order_overview') IS NOT NULL AS found`,
    );
    return rows[0]?.found === true ? (await client.query<Row>(orderOverviews)).rows : undefined;
  });

/** Each row has the column `order_id`, and those that the events of a service say. */
export function differences(
  told: readonly (readonly Row[])[],
  overviews: readonly Row[] | undefined,
): readonly Violation[] {
  if (overviews === undefined) return [];
  const expected = new Map<string, Columns>();
  for (const { order_id: id, ...columns } of told.flat())
    expected.set(String(id), { ...expected.get(String(id)), ...columns });
  const shown = new Map(overviews.map(({ order_id: id, ...columns }) => [String(id), columns]));
  const ids = new Set([...expected.keys(), ...shown.keys()]);
  return [...ids].flatMap((id) => {
    const events = inWords(expected.get(id));
    const overview = inWords(shown.get(id));
    const detail = `the events of all services say ${events}, order_overview says ${overview}`;
    return events === overview ? [] : [violation('order_overview', `order ${id}`, detail)];
  });
}

const inWords = (columns: Columns = {}): string =>
  Object.entries(columns)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .sort()
    .join(', ') || 'nothing';
