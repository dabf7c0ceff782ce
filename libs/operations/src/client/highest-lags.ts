import type { LagsView } from '../contract/messaging.ts';

type Lag = LagsView['items'][number];

/** Processes report the same partitions. One may be stuck with an old figure, so the highest lag counts. */
export function highestLags(seen: readonly Lag[]): readonly Lag[] {
  const highest = new Map<string, Lag>();
  for (const lag of seen) {
    const name = `${lag.group} ${lag.topic} ${String(lag.partition).padStart(6, '0')}`;
    const known = highest.get(name);
    if (known === undefined || lag.messages > known.messages) highest.set(name, lag);
  }
  return [...highest].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, lag]) => lag);
}
