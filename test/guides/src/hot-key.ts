import { partitionOfKey } from '@millrace/streaming-core/client';

const saltsMax = 10_000;

/**
 * The salted keys of a hot key, one for each partition: `user_1#0`, `user_1#3`, and so on. Its records
 * are spread over them, and lose their common order.
 */
export function saltedKeys(key: string, partitions: number): readonly string[] {
  const byPartition = new Map<number, string>();
  for (let salt = 0; byPartition.size < partitions && salt < saltsMax; salt += 1) {
    const salted = `${key}#${salt}`;
    const partition = partitionOfKey(Buffer.from(salted), partitions);
    if (!byPartition.has(partition)) byPartition.set(partition, salted);
  }
  return [...byPartition.values()];
}

/** The key that a salted key was made of. */
export const unsalted = (key: string): string => key.replace(/#\d+$/, '');
