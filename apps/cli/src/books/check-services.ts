import type { Books } from './books.ts';
import { query, serviceNames, type ServiceDatabases } from './service-databases.ts';

export interface ServiceViolation {
  readonly kind: 'version_gap' | 'parked' | 'dead_letter' | 'wrong_end';
  readonly subject: string;
  readonly detail: string;
}

/** The permitted reasons of a cancellation. */
const reasons: ReadonlySet<string> = new Set([
  'out_of_stock',
  'insufficient_funds',
  'card_declined',
  'address_refused',
  'cancelled_by_customer',
  'step_timeout',
]);

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
): Promise<readonly ServiceViolation[]> {
  const found = await Promise.all(
    serviceNames.map(async (service): Promise<readonly ServiceViolation[]> => [
      ...(await query(databases[service], gaps)).map(({ stream, events, first, last }) => ({
        kind: 'version_gap' as const,
        subject: `${service}, stream ${stream}`,
        detail: `it has ${events} events, with versions from ${first} to ${last}`,
      })),
      ...(await query(databases[service], parked)).map(({ topic, partition, record_offset, key }) => ({
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
    ...orders
      .filter(({ status, reason }) => status === 'cancelled' && !reasons.has(reason ?? ''))
      .map(({ orderId, reason }) => ({
        kind: 'wrong_end' as const,
        subject: `order ${orderId}`,
        detail: `it was cancelled with the reason ${reason}`,
      })),
  ];
}
