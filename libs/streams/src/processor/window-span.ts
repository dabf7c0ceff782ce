/** Throws a RangeError unless the span is a whole number of milliseconds within the bounds. */
export function requireSpan(
  name: string,
  spanMs: number,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): void {
  if (Number.isSafeInteger(spanMs) && spanMs >= min && spanMs <= max) return;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  throw new RangeError(
    `The ${name} is ${spanMs}, but it must be a whole number of milliseconds, ${bounds}. ` +
      'Use seconds(), minutes() or hours() to write it.',
  );
}
