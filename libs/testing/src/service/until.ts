/** Looks until what it sees is wanted, and returns it; rejects at the limit with what was seen last. */
export async function until<Value>(look: () => Promise<Value>, wanted: (value: Value) => boolean, limitMs = 10_000): Promise<Value> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (performance.now() > deadline) throw new Error(`not in time; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
