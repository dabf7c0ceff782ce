/** Unique values of random sizes, up to several disk sectors. */
export function valuesOf(
  session: string,
  batch: number,
  random: () => number,
  bytesMax = 1_000,
): readonly string[] {
  const count = 1 + Math.floor(random() * 4);
  return Array.from(
    { length: count },
    (_, index) => `${session}:${batch}.${index}:${'x'.repeat(Math.floor(random() ** 3 * bytesMax))}`,
  );
}
