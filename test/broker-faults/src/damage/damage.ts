type Random = () => number;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const damages: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  'a bit flipped': (bytes, random) => {
    const damaged = Buffer.from(bytes);
    const at = below(random, bytes.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << below(random, 8));
    return damaged;
  },
  'the end cut off': (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  'zeros in a sector': (bytes, random) => {
    const damaged = Buffer.from(bytes);
    const from = 512 * below(random, Math.ceil(bytes.length / 512));
    return damaged.fill(0, from, Math.min(bytes.length, from + 512));
  },
  'bytes at the end': (bytes, random) =>
    Buffer.concat([
      bytes,
      Buffer.from(Array.from({ length: 1 + below(random, 80) }, () => below(random, 256))),
    ]),
};

export const damageNames: readonly string[] = Object.keys(damages);

/** A file as a failing disk returns it, and the name of the damage. */
export function damage(bytes: Buffer, random: Random): { readonly name: string; readonly bytes: Buffer } {
  const name = damageNames[below(random, damageNames.length)] ?? '';
  return { name, bytes: damages[name]?.(bytes, random) ?? bytes };
}
