import {
  days,
  minutes,
  type ProcessorContext,
  type ProcessorSupplier,
  type WindowStore,
} from '@millrace/streams';
import { keyOf, type MinutePlace } from './domain/minute-key.ts';
import type { LateViews, PageView, PageViewMinute } from './domain/page-view.ts';
import { OpenMinutes, type OpenMinutesOptions, type ViewsOfCommit } from './open-minutes.ts';

export const minuteStore = 'views-by-commit';
export const lateStore = 'late-views-by-minute';

/** How long after its minute a late view still counts as late. */
const lateMsMax = days(1);

export type Counted = PageViewMinute | LateViews;

/** How often waiting figures are sent while no view arrives. */
const sendMs = 100;

export interface CountOptions extends OpenMinutesOptions {
  /** How long a minute stays open after its end, in milliseconds of event time. */
  readonly graceMs: number;
}

/**
 * Counts views in memory. Each commit stores what it has added, and sends figures that have changed. A
 * minute closes in the commit in which event time has passed its end by the grace period. Event time is
 * restored together with the offsets, so a late view counts as late even if it is the first one after a
 * crash.
 */
export const countViews =
  ({ graceMs, ...limits }: CountOptions): ProcessorSupplier<string, PageView, string, Counted> =>
  () => {
    let context: ProcessorContext<string, Counted>;
    let open: OpenMinutes;
    let late: LateCounts;
    const closedUpTo = () => context.streamTimeMs - graceMs - minutes(1);
    const forward = (place: MinutePlace, value: Counted) =>
      context.forward({ key: keyOf(place), value, timestampMs: context.streamTimeMs, headers: [] });
    return {
      init(given) {
        context = given;
        late = new LateCounts(given.store(lateStore));
        open = new OpenMinutes(given.store<WindowStore<string, ViewsOfCommit>>(minuteStore), limits);
        open.load(closedUpTo() + 1);
        given.beforeCommit(() => {
          open.write(closedUpTo(), forward);
          late.write(forward);
        });
        given.schedule(sendMs, 'wall_clock', () => open.send(forward));
      },
      process({ value: { page_url, user_id }, timestampMs }) {
        const startMs = timestampMs - (timestampMs % minutes(1));
        if (startMs > closedUpTo()) open.add(startMs, page_url, user_id);
        else if (startMs > context.streamTimeMs - lateMsMax - minutes(1)) late.add(startMs, page_url);
      },
    };
  };

/** How many late views each page and minute has. */
class LateCounts {
  readonly #store: WindowStore<string, number>;
  #added = new Map<string, { readonly startMs: number; readonly page: string; views: number }>();

  constructor(store: WindowStore<string, number>) {
    this.#store = store;
  }

  add(startMs: number, page: string): void {
    const key = `${startMs} ${page}`;
    const added = this.#added.get(key) ?? { startMs, page, views: 0 };
    added.views += 1;
    this.#added.set(key, added);
  }

  write(send: (place: MinutePlace, late: LateViews) => void): void {
    for (const { startMs, page, views } of this.#added.values()) {
      const late_views = (this.#store.fetch(page, startMs) ?? 0) + views;
      this.#store.put(page, late_views, startMs);
      const place = { window_start: new Date(startMs).toISOString(), page_url: page };
      send(place, { ...place, late_views });
    }
    this.#added.clear();
  }
}
