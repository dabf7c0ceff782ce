/** Maps moments to places between 0 and 1. */
export interface Scale {
  readonly place: (at: number) => number;
  /** Whether long stretches without a moment are drawn shorter than they were. */
  readonly compressed: boolean;
}

/** A stretch of time without any moment, in milliseconds. */
export interface Stretch {
  readonly start: number;
  readonly length: number;
}

/** A stretch that is this many times longer than all others together would hide them. */
const hidesOthers = 4;
/** The share of the width that such a stretch gets. */
const stretchShare = 0.3;

/** Finds the longest stretch between moments, in whatever order they are given. */
export function longestStretch(moments: readonly number[]): Stretch {
  const sorted = Float64Array.from(moments).sort();
  let longest: Stretch = { start: sorted[0] ?? 0, length: 0 };
  for (let index = 1; index < sorted.length; index += 1) {
    const start = sorted[index - 1] ?? 0;
    const length = (sorted[index] ?? 0) - start;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

/** A linear scale, unless the longest stretch without any moment would hide everything else. */
export function scaleOver({ start, length: longest }: Stretch, from: number, to: number): Scale {
  const rest = to - from - longest;
  if (rest <= 0 || longest < rest * hidesOthers)
    return { place: (at) => (at - from) / (to - from), compressed: false };
  const unit = (1 - stretchShare) / rest;
  return {
    compressed: true,
    place(at) {
      const before = Math.min(Math.max(at - from, 0), start - from);
      const within = Math.min(Math.max(at - start, 0), longest);
      const after = Math.max(at - start - longest, 0);
      return before * unit + (within / longest) * stretchShare + after * unit;
    },
  };
}
