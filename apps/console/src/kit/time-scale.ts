/** Maps moments to places between 0 and 1. */
export interface Scale {
  readonly place: (at: number) => number;
  /** Whether long stretches without a moment are drawn shorter than they were. */
  readonly compressed: boolean;
}

/** A stretch that is so many times longer than all others together hides them. */
const hidesOthers = 4;
/** The share of the width that it gets instead. */
const stretchShare = 0.3;

/** A linear scale, unless one stretch without any moment would hide everything else. */
export function scaleOver(moments: readonly number[], from: number, to: number): Scale {
  const sorted = [...new Set([...moments, from, to])].sort((one, other) => one - other);
  let longest = 0;
  let start = from;
  for (let index = 1; index < sorted.length; index += 1) {
    const length = (sorted[index] ?? 0) - (sorted[index - 1] ?? 0);
    if (length > longest) {
      longest = length;
      start = sorted[index - 1] ?? from;
    }
  }
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
