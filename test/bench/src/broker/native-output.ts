/** The result of a whole run, as rdkafka_performance reports it. */
export interface NativeResult {
  readonly records: number;
  readonly failed: number;
  readonly perSecond: number;
}

const produced =
  /% (?<sent>\d+) messages produced \(\d+ bytes\), (?<records>\d+) delivered \(offset -?\d+, (?<failed>\d+) failed\) in \d+ms: (?<perSecond>\d+) msgs\/s/g;
const consumed = /% (?<records>\d+) messages \(\d+ bytes\) consumed in \d+ms: (?<perSecond>\d+) msgs\/s/g;

/**
 * Reads the last line, since the lines before it report intervals. Throws with the client's output
 * when there is no result or when records failed.
 */
export function nativeResult(output: string): NativeResult {
  const groups = [...output.matchAll(produced), ...output.matchAll(consumed)].at(-1)?.groups;
  if (groups === undefined) throw new Error(`the native client printed no result: ${lastLines(output)}`);
  const result = {
    records: Number(groups.records),
    failed: Number(groups.failed ?? 0),
    perSecond: Number(groups.perSecond),
  };
  if (result.failed > 0) throw new Error(`${result.failed} records failed: ${lastLines(output)}`);
  return result;
}

/**
 * Reads a file of `-A`: microseconds, one per line, in the order of sending. Skips the first ones,
 * which meet cold code and new connections.
 */
export function latenciesMs(text: string, skipped: number): readonly number[] {
  const all = text.split('\n').filter((line) => /^\d+$/.test(line));
  return all.slice(skipped).map((line) => Number(line) / 1_000);
}

const lastLines = (output: string): string => output.trim().split('\n').slice(-4).join(' | ');
