/** The hash that Java's `HashMap` makes of a string. */
function spreadHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash ^ (hash >>> 16);
}

/** The size of the table of a `HashMap` with so many entries: it doubles when it is 3/4 full. */
function tableSize(entryCount: number): number {
  let size = 16;
  while (entryCount > size * 0.75) size *= 2;
  return size;
}

/**
 * The names in the order in which a Java `HashSet` iterates over them. The text of `describe()` in
 * Kafka Streams has this order where it prints a set.
 */
export function inJavaHashOrder(names: readonly string[]): readonly string[] {
  const mask = tableSize(names.length) - 1;
  const bucket = (name: string) => spreadHash(name) & mask;
  return names.toSorted((one, other) => bucket(one) - bucket(other));
}
