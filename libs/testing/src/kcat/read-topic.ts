import { kcat } from './kcat.ts';

/** A record as a foreign client sees it. */
export interface ForeignRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** A line of `kcat -J`, which prints one per record. */
interface Envelope {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly headers?: readonly string[];
  readonly key: string | null;
  readonly payload: string;
}

/**
 * Reads a topic to its present end with kcat, in order within a partition. `options` such as `-o 2`
 * and `-p 0` choose the start.
 */
export async function readTopic(
  bootstrapServers: string,
  topic: string,
  options: readonly string[] = [],
): Promise<readonly ForeignRecord[]> {
  const output = await kcat(['-b', bootstrapServers, '-C', '-t', topic, '-e', '-q', '-J', ...options]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => foreignRecord(JSON.parse(line) as Envelope));
}

function foreignRecord({ topic, partition, offset, headers = [], key, payload }: Envelope): ForeignRecord {
  const names = headers.filter((_, index) => index % 2 === 0);
  const pairs = names.map((name, index) => [name, headers[index * 2 + 1] ?? ''] as const);
  return { topic, partition, offset, key, value: payload, headers: new Map(pairs) };
}
