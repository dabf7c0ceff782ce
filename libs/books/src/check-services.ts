import { fields } from '@millrace/contracts';
import type { Books, OrderBook } from './books.ts';
import {
  query,
  readDatabase,
  serviceNames,
  type Bounds,
  type Row,
  type ServiceDatabases,
  type ServiceName,
} from './service-databases.ts';
import { lastWords, orderOverviews, orderWords } from './books.sql.ts';
import { violation, type Violation } from './violation.ts';

export interface ServiceViolation {
  readonly kind: 'version_gap' | 'parked' | 'dead_letter' | 'wrong_end';
  readonly subject: string;
  readonly detail: string;
}

/** The reasons that the contracts permit for a cancellation. */
const reasons: ReadonlySet<string> = new Set(fields.reason.options);

const gaps = `
  SELECT stream, count(*) AS events, min(version) AS first, max(version) AS last FROM event
  GROUP BY stream HAVING min(version) <> 1 OR max(version) <> count(*)`;
const parked = `SELECT topic, partition, record_offset, convert_from(key, 'UTF8') AS key FROM parked_message`;

/**
 * Finds faults that the books do not show: a gap in a stream, a parked message, a dead letter whose
 * key is not an order, and a cancellation without a permitted reason.
 */
export async function checkServices(
  databases: ServiceDatabases,
  { orders, deadLetters }: Books,
  bounds: Bounds = {},
): Promise<readonly ServiceViolation[]> {
  const read = (service: ServiceName, text: string) => query(databases[service], text, [], bounds);
  const found = await Promise.all(
    serviceNames.map(async (service): Promise<readonly ServiceViolation[]> => [
      ...(await read(service, gaps)).map(({ stream, events, first, last }) => ({
        kind: 'version_gap' as const,
        subject: `${service}, stream ${stream}`,
        detail: `it has ${events} events, with versions from ${first} to ${last}`,
      })),
      ...(await read(service, parked)).map(({ topic, partition, record_offset, key }) => ({
        kind: 'parked' as const,
        subject: `order ${key}`,
        detail: `${service} has parked offset ${record_offset} of ${topic}/${partition}`,
      })),
    ]),
  );
  const known = new Set(orders.map(({ orderId }) => orderId));
  return [
    ...found.flat(),
    ...deadLetters
      .filter(({ key }) => !known.has(key))
      .map(({ key, detail }) => ({ kind: 'dead_letter' as const, subject: `key ${key}`, detail })),
    ...wrongEnds(orders),
  ];
}

/** Finds the cancellations without a permitted reason. */
export const wrongEnds = (orders: readonly OrderBook[]): readonly ServiceViolation[] =>
  orders
    .filter(({ status, reason }) => status === 'cancelled' && !reasons.has(reason ?? ''))
    .map(({ orderId, reason }) => ({
      kind: 'wrong_end',
      subject: `order ${orderId}`,
      detail: `it was cancelled with the reason ${reason}`,
    }));

/** The columns of an overview that follow from the events of a service; null without such an event. */
type Columns = Readonly<Record<string, string | null>>;

/**
 * Compares the overviews of orders, which follow the topics, with the events of all services.
 * `readUrl` is the database of the read models, if they have one of their own.
 */
export async function overviewViolations(
  databases: ServiceDatabases,
  readUrl: string | undefined,
  bounds: Bounds = {},
): Promise<readonly Violation[]> {
  const read = (service: ServiceName, text: string) => query(databases[service], text, [], bounds);
  const told = await Promise.all([
    read('order', orderWords),
    read('inventory', lastWords.reservation),
    read('payment', lastWords.payment),
    read('shipping', lastWords.shipment),
    read('notification', lastWords.mail),
  ]);
  return differences(told, await overviewsIn(readUrl ?? databases.order, bounds));
}

/** Returns nothing for a database that has no such read model. */
const overviewsIn = (url: string, bounds: Bounds): Promise<readonly Row[] | undefined> =>
  readDatabase(url, bounds, async (client) => {
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
