const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/**
 * Austin Appleby's MurmurHash2 with Kafka's seed. Returns the same signed 32-bit hash as
 * `org.apache.kafka.common.utils.Utils.murmur2`.
 */
export function murmur2(data: Uint8Array): number {
  const words = data.length >> 2;
  let hash = seed ^ data.length;
  for (let word = 0; word < words; word += 1)
    hash = Math.imul(hash, multiplier) ^ mix(littleEndianWord(data, word * 4));
  hash = mixTail(hash, data, words * 4);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

/**
 * Returns the partition that Kafka's Java client chooses for a key. It masks the sign bit, because
 * `Math.abs` would send half of the keys elsewhere.
 */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

function littleEndianWord(data: Uint8Array, at: number): number {
  return byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
}

function mix(word: number): number {
  const product = Math.imul(word, multiplier);
  return Math.imul(product ^ (product >>> 24), multiplier);
}

function mixTail(hash: number, data: Uint8Array, from: number): number {
  const rest = data.length - from;
  if (rest === 0) return hash;
  let mixed = hash;
  for (let index = rest - 1; index >= 0; index -= 1) mixed ^= byte(data, from + index) << (8 * index);
  return Math.imul(mixed, multiplier);
}

function byte(data: Uint8Array, at: number): number {
  return data[at] ?? 0;
}
