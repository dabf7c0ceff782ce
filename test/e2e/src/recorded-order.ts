import { silentLogger } from '@millrace/streaming-core/runtime';
import { connectGroupConsumer, type ConsumedRecord } from '@millrace/streaming-core/client';
import { readToEnd } from '@millrace/test-support/shop';

/** A record as `docs/reference/messages.md` shows it. */
interface ShownRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

/** Reads the first record of an order on each of the topics, which have six partitions. */
export async function recordsOf(
  bootstrapServers: string,
  orderId: string,
  wanted: Readonly<Record<string, string>>,
): Promise<readonly ShownRecord[]> {
  const consumer = connectGroupConsumer({
    bootstrapServers: bootstrapServers.split(','),
    clientId: 'reference',
    groupId: 'reference',
    topics: Object.keys(wanted),
    fetchMaxWaitMs: 100,
    logger: silentLogger,
  });
  try {
    const found: ShownRecord[] = [];
    for (const [topic, type] of Object.entries(wanted)) {
      const partitions = [0, 1, 2, 3, 4, 5].map((partition) => ({ topic, partition }));
      const records = (await Promise.all(partitions.map((each) => readToEnd(consumer, each)))).flat();
      const record = records.find(
        ({ key, headers }) => key?.toString('utf8') === orderId && headers.get('ce_type') === type,
      );
      if (record === undefined) throw new Error(`${topic} has no ${type} of order ${orderId}`);
      found.push(shown(record));
    }
    return found;
  } finally {
    await consumer.close();
  }
}

const shown = ({ topic, key, headers, value }: ConsumedRecord): ShownRecord => ({
  topic,
  key: String(key),
  headers: Object.fromEntries(headers),
  value: JSON.parse(String(value)) as unknown,
});

/**
 * Replaces what differs from run to run: ids by numbered ones, the same for the same id, and times,
 * positions, spans and cipher texts by fixed ones. `suffix` is what a test appends to its names.
 */
export function withoutChance(value: unknown, suffix: string): unknown {
  const ids = new Map<string, string>();
  const numbered = (id: string): string => {
    const known = ids.get(id) ?? `0199e5a0-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`;
    ids.set(id, known);
    return known;
  };
  const text = (given: string): string =>
    given
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, numbered)
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, '2026-11-20T09:00:00.000Z')
      .replaceAll(
        /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/g,
        '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      )
      .replaceAll(suffix, '');
  const walk = (each: unknown, name: string): unknown => {
    if (name === 'position') return 42;
    if (typeof each === 'string')
      return name === 'data' ? 'nonce, cipher text and tag as base64url' : text(each);
    if (Array.isArray(each)) return each.map((inner) => walk(inner, ''));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([field, inner]) => [field, walk(inner, field)]));
  };
  return walk(value, '');
}
