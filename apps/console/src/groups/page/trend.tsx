import { signal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { now } from '../../kit/clock.tsx';
import type { Live } from '../../kit/follow.ts';
import { count } from '../../kit/words.ts';
import { withPoint, lineOf, type Trend } from './trend-model.ts';

const groupsMax = 1_000;

/** The lag of each group as this browser has seen it. It ends with the page. */
const trends = signal<ReadonlyMap<string, Trend>>(new Map());

interface Lag {
  readonly group: string;
  readonly lag: number;
}

/** Remembers the lags of a state whenever they change. */
export function useTrends<State>(
  live: ReadonlySignal<Live<State>>,
  lagsOf: (state: State) => readonly Lag[],
): void {
  useSignalEffect(() => {
    const { state } = live.value;
    if (state === undefined) return;
    const before = trends.peek();
    const changed = lagsOf(state).filter(({ group, lag }) => before.get(group)?.at(-1)?.lag !== lag);
    if (changed.length === 0) return;
    const point = ({ group, lag }: Lag) =>
      [group, withPoint(before.get(group) ?? [], { atMs: Date.now(), lag })] as const;
    trends.value = new Map([...before, ...changed.map(point)].slice(-groupsMax));
  });
}

const box = { width: 120, height: 20 };

export function TrendLine({ group }: { readonly group: string }) {
  const trend = trends.value.get(group) ?? [];
  const highest = Math.max(0, ...trend.map(({ lag }) => lag));
  const says = `at most ${count(highest)} in the last ten minutes, since this page is open`;
  return (
    <svg
      class="trend"
      viewBox={`0 -2 ${box.width} ${box.height + 4}`}
      width={box.width}
      height={box.height + 4}
      role="img"
      aria-label={says}
    >
      <title>{says}</title>
      <line x1={0} x2={box.width} y1={box.height} y2={box.height} />
      <polyline points={lineOf(trend, now.value, box)} />
    </svg>
  );
}
