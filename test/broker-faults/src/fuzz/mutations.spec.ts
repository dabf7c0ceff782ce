import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/testing/random';
import { encodeBatch, RecordBatch } from '@millrace/streaming-core/records';
import { framed, mutatedBatch, mutatedFrame, mutationNames } from './mutations.ts';

const bodies = [
  Buffer.from('0012000000000001ffff', 'hex'),
  Buffer.from('0003000c000000020002636c0001000000', 'hex'),
];

describe('mutations', () => {
  it('are the same for the same seed', () => {
    const some = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 50 }, () => mutatedFrame(bodies, random).frame.toString('hex'));
    };
    expect(some(3)).toEqual(some(3));
    expect(some(3)).not.toEqual(some(4));
  });

  it('are of every kind, announce their size, and leave the originals unchanged', () => {
    const before = bodies.map((body) => body.toString('hex'));
    const random = seededRandom(1);
    const made = Array.from({ length: 500 }, () => mutatedFrame(bodies, random));
    expect(new Set(made.map(({ name }) => name))).toEqual(new Set(mutationNames));
    expect(made.filter(({ frame }) => frame.readInt32BE() !== frame.length - 4)).toEqual([]);
    expect(bodies.map((body) => body.toString('hex'))).toEqual(before);
    expect(made.filter(({ frame }) => bodies.some((body) => framed(body).equals(frame))).length).toBeLessThan(
      50,
    );
  });

  it('of a batch have a checksum that fits', () => {
    const batch = encodeBatch([{ value: Buffer.from('a'.repeat(50)) }], { timestampMs: 1n });
    const random = seededRandom(2);
    const made = Array.from({ length: 100 }, () => new RecordBatch(mutatedBatch(batch, random)));
    expect(made.filter((each) => each.computeCrc() !== each.crc)).toEqual([]);
    expect(new Set(made.map(({ bytes }) => bytes.toString('hex'))).size).toBeGreaterThan(90);
  });
});
