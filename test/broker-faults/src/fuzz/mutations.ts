import { RecordBatch } from '@millrace/streaming-core/records';

type Random = () => number;

const sizeBytes = 4;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[below(random, items.length)] as Item;

/** The body as a frame, with its actual size. */
export function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(sizeBytes + body.length);
  frame.writeInt32BE(body.length);
  body.copy(frame, sizeBytes);
  return frame;
}

/** False lengths and counts, as they are encoded: int16, int32 and compact. */
const lies = [
  '7fff',
  '8000',
  'ffff',
  '7fffffff',
  '80000000',
  'ffffffff',
  '000fffff',
  'ffffffff0f',
  'ffffffff7f',
  'ffffff7f',
  '808080',
].map((hex) => Buffer.from(hex, 'hex'));

type Mutation = (body: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const mutations: Readonly<Record<string, Mutation>> = {
  'bits flipped': (body, random) => {
    const mutated = Buffer.from(body);
    for (let count = 1 + below(random, 4); count > 0; count -= 1) {
      const at = below(random, mutated.length);
      mutated[at] = (mutated[at] ?? 0) ^ (1 << below(random, 8));
    }
    return mutated;
  },
  'a length that lies': (body, random) => {
    const lie = pick(random, lies);
    const at = below(random, body.length);
    return Buffer.concat([body.subarray(0, at), lie, body.subarray(Math.min(body.length, at + lie.length))]);
  },
  'another version': (body, random) => {
    const mutated = Buffer.from(body);
    mutated.writeInt16BE(random() < 0.8 ? below(random, 20) : below(random, 65_536) - 32_768, 2);
    return mutated;
  },
  'another key': (body, random) => {
    const mutated = Buffer.from(body);
    mutated.writeInt16BE(random() < 0.8 ? below(random, 90) : below(random, 65_536) - 32_768, 0);
    return mutated;
  },
  'unknown tags': (body, random) => {
    const tags = Array.from({ length: 1 + below(random, 3) }, (_, tag) =>
      Buffer.from([below(random, 120) + tag, 2, 1, 2]),
    );
    const section = Buffer.concat([Buffer.from([random() < 0.8 ? tags.length : 0x7f]), ...tags]);
    const at = random() < 0.6 ? body.length - 1 : below(random, body.length);
    return Buffer.concat([body.subarray(0, at), section, body.subarray(at + 1)]);
  },
  'bytes left out or put in': (body, random) => {
    const at = below(random, body.length);
    const more = Buffer.from(Array.from({ length: below(random, 6) }, () => below(random, 256)));
    return Buffer.concat([
      body.subarray(0, at),
      more,
      body.subarray(Math.min(body.length, at + below(random, 6))),
    ]);
  },
  'halves of two': (body, random, others) => {
    const other = pick(random, others);
    return Buffer.concat([
      body.subarray(0, below(random, body.length)),
      other.subarray(below(random, other.length)),
    ]);
  },
};

export const mutationNames: readonly string[] = Object.keys(mutations);

/** A frame made from one of the bodies, and the name of what was done to it. */
export function mutatedFrame(
  bodies: readonly Buffer[],
  random: Random,
): { readonly name: string; readonly frame: Buffer } {
  const name = pick(random, mutationNames);
  const mutated = mutations[name]?.(pick(random, bodies), random, bodies) ?? Buffer.alloc(0);
  return { name, frame: framed(mutated) };
}

/**
 * Damages a batch and gives it a checksum that fits. Everything that reads records has to cope with
 * it.
 */
export function mutatedBatch(batch: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(batch);
  const checkedFrom = 21;
  for (let count = 1 + below(random, 4); count > 0; count -= 1) {
    const at =
      random() < 0.3
        ? checkedFrom + below(random, 40)
        : checkedFrom + below(random, mutated.length - checkedFrom);
    mutated[at] = random() < 0.5 ? below(random, 256) : (mutated[at] ?? 0) ^ (1 << below(random, 8));
  }
  mutated.writeUInt32BE(new RecordBatch(mutated).computeCrc(), 17);
  return mutated;
}
