import fc from 'fast-check';

/**
 * The seed of every random test of this process. MILLRACE_TEST_SEED replays the run that named it.
 */
export const seed = Number(process.env.MILLRACE_TEST_SEED ?? Date.now() % 1_000_000);

// Without the second setting, an array with a limit of 60 would have at most 10 items.
fc.configureGlobal({ seed, defaultSizeToMaxWhenMaxSpecified: true });

/**
 * fast-check with the process's seed, which a failure names. Import it from here, never from its
 * package.
 */
export { fc };

/**
 * Returns a generator of seeded pseudo-random numbers in [0, 1): mulberry32 (T. Ettinger, 2017).
 */
export function seededRandom(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
