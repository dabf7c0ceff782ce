import {
  consumed,
  days,
  fromValue,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  windowStore,
  type ProcessorContext,
  type ProcessorSupplier,
  type Topology,
  type WindowStore,
} from '@millrace/streams';
import { keyOf, type MinutePlace } from './domain/minute-key.ts';
import { pageView, type LateViews, type PageView, type PageViewMinute } from './domain/page-view.ts';
import { OpenMinutes, type OpenMinutesOptions, type ViewsOfCommit } from './open-minutes.ts';

/** The consumer group. It also begins the names of the internal topics, so it must not change. */
export const applicationId = 'dashboard';
export const topics = {
  /** It has one partition, so that event time advances in the order in which the views were written. */
  views: 'page_views',
  minutes: 'page-view-minutes',
  /** How many views of each page and minute were late. */
  late: 'late-page-views',
  /** Records that are no page view, with the reason in their headers. */
  refused: 'refused-page-views',
} as const;

export const minuteStore = 'views-by-commit';
const lateStore = 'late-views-by-minute';

/** How long after its minute a late view still counts as late. */
const lateMsMax = days(1);

type Counted = PageViewMinute | LateViews;

/** How often waiting figures are sent while no view arrives. */
const sendMs = 100;

interface CountOptions extends OpenMinutesOptions {
  /** How long a minute stays open after its end, in milliseconds of event time. */
  readonly graceMs: number;
}

export const viewJson = serdes.json<PageView>(pageView);

/** Refuses a record without a value. */
function viewedAtMs(view: PageView | null): number {
  if (view === null) throw new RangeError('the record has no value');
  return Date.parse(view.event_time);
}

/**
 * Counts the views and the distinct users of each page in each minute of event time. Each commit sends
 * the figures that it has changed to `page-view-minutes` with `open: true`; the final figures follow
 * with `open: false` once the minute has closed.
 */
export function topology(options: CountOptions): Topology {
  const { graceMs } = options;
  const builder = new StreamsBuilder();
  const timestampExtractor = fromValue(viewedAtMs, { aheadMsMax: graceMs });
  builder.addStateStore(
    windowStore(minuteStore, serdes.string, serdes.json<ViewsOfCommit>(), {
      windowSizeMs: minutes(1),
      retentionMs: minutes(1) + graceMs,
    }),
  );
  builder.addStateStore(
    windowStore(lateStore, serdes.string, serdes.safeLong, {
      windowSizeMs: minutes(1),
      retentionMs: days(2),
    }),
  );
  const counted = builder
    .stream(topics.views, consumed(serdes.string, viewJson, { timestampExtractor }))
    .process(countViews(options), { named: 'count-views', stores: [minuteStore, lateStore] });
  const asJson = produced(serdes.string, serdes.json<Counted>());
  counted.filter((_key, figures) => 'open' in figures).to(topics.minutes, asJson);
  counted.filter((_key, figures) => 'late_views' in figures).to(topics.late, asJson);
  return builder.build();
}

/**
 * Counts views in memory. Each commit stores what it has added, and sends figures that have changed. A
 * minute closes in the commit in which event time has passed its end by the grace period. Event time is
 * restored together with the offsets, so a late view counts as late even if it is the first one after a
 * crash.
 */
const countViews =
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
