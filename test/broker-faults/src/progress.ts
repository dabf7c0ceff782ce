const intervalMs = 60_000;

/** Limits the calls to one a minute, for progress reports of long work. */
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
