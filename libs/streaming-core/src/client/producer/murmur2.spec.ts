import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/testing/random';
import { murmur2, partitionOfKey } from './partitioners.ts';

/**
 * The key, its signed hash, and its partition out of 3, 6, 12 and 100. The six hashes from `21` to
 * `abc` are those of Kafka's own UtilsTest.
 */
const vectors: ReadonlyArray<readonly [string, number, number, number, number, number]> = [
  ['', 275646681, 0, 3, 9, 81],
  ['a', -1563381124, 1, 4, 4, 24],
  ['21', -973932308, 0, 0, 0, 40],
  ['foobar', -790332482, 0, 0, 6, 66],
  ['a-little-bit-long-string', -985981536, 2, 2, 8, 12],
  ['a-little-bit-longer-string', -1486304829, 2, 5, 11, 19],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971, 2, 5, 5, 77],
  ['abc', 479470107, 0, 3, 3, 7],
  ['kafka', -798503068, 1, 4, 4, 80],
  ['user-42', 1459644460, 1, 4, 4, 60],
  ['key-0', 29210041, 1, 1, 1, 41],
  ['key-1', 193331640, 0, 0, 0, 40],
  ['日本', -700811021, 0, 3, 3, 27],
];

/**
 * The SHA-256 of the hash and the partitions of each key, as big-endian int32. It was computed with
 * `Utils.murmur2` and `BuiltInPartitioner.partitionForKey` of kafka-clients 4.3.1.
 */
const fromJava = '1cc757a4816b43409ae6264dc00f9ee4a28b373b99acb9ae98b536964f4006b9';

describe('the partitioner', () => {
  it.each(vectors)('hashes and places %j as the Java client does', (key, hash, of3, of6, of12, of100) => {
    const bytes = Buffer.from(key);

    expect(murmur2(bytes)).toBe(hash);
    expect([3, 6, 12, 100].map((count) => partitionOfKey(bytes, count))).toEqual([of3, of6, of12, of100]);
  });

  it('L42 hashes and places 10,000 random keys as the Java client does', () => {
    const random = seededRandom(42);
    const placed = createHash('sha256');
    const words = Buffer.alloc(24);
    for (let count = 0; count < 10_000; count += 1) {
      const key = Buffer.alloc(Math.floor(random() * 64));
      for (let index = 0; index < key.length; index += 1) key[index] = Math.floor(random() * 256);
      words.writeInt32BE(murmur2(key), 0);
      [3, 6, 12, 100, 1_000].forEach((partitions, index) =>
        words.writeInt32BE(partitionOfKey(key, partitions), 4 + 4 * index),
      );
      placed.update(words);
    }

    expect(placed.digest('hex')).toBe(fromJava);
  });
});
