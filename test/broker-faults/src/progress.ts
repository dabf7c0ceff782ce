const intervalMs = 60_000;

/** The call, at most once a minute: long work says how far it is. */
export function everyMinute<Arguments extends readonly unknown[]>(
  say: (...given: Arguments) => void,
): (...given: Arguments) => void {
  let saidAt = performance.now();
  return (...given) => {
    if (performance.now() - saidAt < intervalMs) return;
    saidAt = performance.now();
    say(...given);
  };
}
