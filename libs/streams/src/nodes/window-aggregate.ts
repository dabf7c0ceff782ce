import type { Node, NodeContext } from '../processor/node.ts';
import type { StreamRecord, Change } from '../processor/record.ts';
import type { TimeWindows, UnlimitedWindows, Windowed } from '../processor/windows.ts';
import { type WindowedAggregation, type StartRange, WindowUpdates } from './windowed-aggregation.ts';

export interface WindowAggregateOptions<K, V, A> extends WindowedAggregation<K, V, A> {
  readonly windows: TimeWindows | UnlimitedWindows;
}

/**
 * Aggregates records per key and tumbling, hopping or unlimited window. A window takes records
 * until the time that this node has observed, minus the grace period, reaches the window's end.
 */
export const windowAggregateNode = <K, V, A>(
  options: WindowAggregateOptions<K, V, A>,
  context: NodeContext<Windowed<K>, Change<A>>,
): Node<K, V> => new WindowAggregate(options, context);

class WindowAggregate<K, V, A> implements Node<K, V> {
  readonly #context: NodeContext;
  readonly #windows: TimeWindows | UnlimitedWindows;
  readonly #updates: WindowUpdates<K, V, A>;
  #observedMs = -1;

  constructor(options: WindowAggregateOptions<K, V, A>, context: NodeContext<Windowed<K>, Change<A>>) {
    this.#context = context;
    this.#windows = options.windows;
    this.#updates = new WindowUpdates(options, context);
  }

  process(record: StreamRecord<K, V>): void {
    if (record.key === null || record.key === undefined) return this.#context.drop('null_key');
    this.#observedMs = Math.max(this.#observedMs, record.timestampMs);
    const closeTimeMs = this.#observedMs - this.#windows.graceMs;
    this.#addToOpenWindows(record, closeTimeMs);
    this.#updates.emitClosed(record, closeTimeMs, (lastCloseMs) =>
      this.#closedStarts(closeTimeMs, lastCloseMs),
    );
  }

  #addToOpenWindows(record: StreamRecord<K, V>, closeTimeMs: number): void {
    let late = false;
    let taken = false;
    for (const startMs of this.#windows.startsAt(record.timestampMs)) {
      const endMs = startMs + this.#windows.sizeMs;
      if (endMs <= closeTimeMs) {
        this.#context.drop('late');
        late = true;
        continue;
      }
      const stored = this.#updates.store.fetch(record.key, startMs);
      this.#updates.update(record, { startMs, endMs }, stored ?? this.#updates.fresh(record));
      taken = true;
    }
    if (late && !taken) this.#updates.sendLate(record);
  }

  #closedStarts(closeTimeMs: number, lastCloseMs: number | undefined): StartRange | undefined {
    const toMs = closeTimeMs - this.#windows.sizeMs;
    if (toMs < 0) return undefined;
    if (lastCloseMs === undefined) return { fromMs: 0, toMs };
    const lastToMs = Math.max(0, lastCloseMs - this.#windows.sizeMs);
    return this.#holdTheSameWindows(lastToMs, toMs) ? undefined : { fromMs: lastToMs + 1, toMs };
  }

  #holdTheSameWindows(oneMs: number, otherMs: number): boolean {
    const one = this.#windows.startsAt(oneMs);
    const other = this.#windows.startsAt(otherMs);
    return one.at(0) === other.at(0) && one.at(-1) === other.at(-1);
  }
}
