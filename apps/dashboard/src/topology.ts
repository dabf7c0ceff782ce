import {
  consumed,
  days,
  fromValue,
  grouped,
  hours,
  materialized,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  untilWindowCloses,
  windowStore,
  type KStream,
  type KTable,
  type ProcessorContext,
  type ProcessorSupplier,
  type Topology,
  type Windowed,
  type WindowStore,
} from '@millrace/streams';
import { keyOf, type MinutePlace } from './domain/minute-key.ts';
import { pageView, type LateViews, type PageView, type PageViewMinute } from './domain/page-view.ts';

/** The consumer group. It also begins the names of the internal topics, so it must not change. */
export const applicationId = 'dashboard';
export const topics = {
  views: 'page_views',
  minutes: 'page-view-minutes',
  /** How many views of each page and minute were late. */
  late: 'late-page-views',
  /** Records that are no page view, with the reason in their headers. */
  refused: 'refused-page-views',
} as const;

/**
 * The partitions that share the pages. The views themselves come in one, so that event time advances in
 * the order in which they were written: of several, a backlog of one could be read long before another's.
 */
const pagePartitions = 6;

export const viewJson = serdes.json<PageView>(pageView);
export const minuteJson = serdes.json<PageViewMinute>();
export const lateJson = serdes.json<LateViews>();

/** Refuses a record without a value. */
function viewedAtMs(view: PageView | null): number {
  if (view === null) throw new RangeError('the record has no value');
  return Date.parse(view.event_time);
}

interface CountedView {
  /** Whether it is the first view of its user on this page in this minute. */
  readonly isFirst: boolean;
  /** Whether it arrived after its minute had closed. */
  readonly isLate: boolean;
}
const counted = serdes.json<CountedView>();

interface Figures {
  readonly views: number;
  readonly visitors: number;
}
const figures = serdes.json<Figures>();
const noViews: Figures = { views: 0, visitors: 0 };

export interface DashboardOptions {
  /** How long a minute stays open after its end, in milliseconds of event time. */
  readonly graceMs: number;
}

/** How long after its minute a late view is still counted as late. */
const lateMsMax = days(1);

/**
 * Counts the views and the distinct users of each page in each minute of event time. Each update goes
 * to `page-view-minutes` with `open: true`; the final figures follow with `open: false` once the
 * minute has closed.
 */
export function topology({ graceMs }: DashboardOptions): Topology {
  const builder = new StreamsBuilder();
  const timestampExtractor = fromValue(viewedAtMs, { aheadMsMax: graceMs });
  const views = builder
    .stream(topics.views, consumed(serdes.string, viewJson, { timestampExtractor }))
    .map((_key, { page_url, user_id }) => [page_url, user_id])
    .repartition({
      name: 'by-page',
      keySerde: serdes.string,
      valueSerde: serdes.string,
      partitionCount: pagePartitions,
    })
    .processValues(markedViews(graceMs), { named: 'marked-views', stores: [visitorsStore(graceMs)] });
  countLate(views.filter((_page, { isLate }) => isLate));
  const perMinute = views
    .filter((_page, { isLate }) => !isLate)
    .groupByKey(grouped(serdes.string, counted))
    .windowedBy(timeWindows(minutes(1)).grace(graceMs))
    .aggregate(
      () => noViews,
      (_page, { isFirst }, sum) => ({
        views: sum.views + 1,
        visitors: sum.visitors + (isFirst ? 1 : 0),
      }),
      materialized('minutes', { keySerde: serdes.string, valueSerde: figures, retentionMs: hours(1) }),
    );
  const closed = perMinute.suppress(untilWindowCloses({ name: 'closed-minutes' }));
  sendMinutes(perMinute, { open: true });
  sendMinutes(closed, { open: false });
  return builder.build();
}

function sendMinutes(updates: KTable<Windowed<string>, Figures>, { open }: { readonly open: boolean }): void {
  updates
    .toStream()
    .map((of, sum) => {
      const { views: page_views, visitors: unique_visitors } = sum ?? noViews;
      const place = placeOf(of);
      return [keyOf(place), { ...place, page_views, unique_visitors, open }];
    })
    .to(topics.minutes, produced(serdes.string, minuteJson));
}

/** Counts the late views of a page by the minute to which they belong. */
function countLate(late: KStream<string, CountedView>): void {
  late
    .groupByKey(grouped(serdes.string, counted))
    .windowedBy(timeWindows(minutes(1)).grace(lateMsMax))
    .count(materialized('late-views', { keySerde: serdes.string, retentionMs: days(2) }))
    .toStream()
    .map((of, late_views) => {
      const place = placeOf(of);
      return [keyOf(place), { ...place, late_views: late_views ?? 0 }];
    })
    .to(topics.late, produced(serdes.string, lateJson));
}

const placeOf = ({ key, window }: Windowed<string>): MinutePlace => ({
  window_start: new Date(window.startMs).toISOString(),
  page_url: key,
});

const visitors = 'visitors';

/** The key of a user's row. No page has a NUL, so no two pairs have the same key. */
const visitorOf = (page: string, user: string): string => `${page}\0${user}`;

/** A row for each page, user and minute. A set in the figures would be written whole for every view. */
const visitorsStore = (graceMs: number) =>
  windowStore(visitors, serdes.string, serdes.boolean, {
    windowSizeMs: minutes(1),
    retentionMs: minutes(1) + graceMs,
  });

/**
 * Marks the first view of each user on a page in a minute, and late views. Time windows forget the time
 * in a restart, as those of Kafka Streams do, and would count a late view that comes first after it. The
 * task's stream time is restored.
 */
const markedViews =
  (graceMs: number): ProcessorSupplier<string, string, string, CountedView> =>
  () => {
    let context: ProcessorContext<string, CountedView>;
    let seen: WindowStore<string, boolean>;
    return {
      init(given) {
        context = given;
        seen = given.store(visitors);
      },
      process({ value: user, ...record }) {
        const visitor = visitorOf(record.key, user);
        const startMs = record.timestampMs - (record.timestampMs % minutes(1));
        const isLate = startMs + minutes(1) <= context.streamTimeMs - graceMs;
        const isFirst = !isLate && seen.fetch(visitor, startMs) === null;
        if (isFirst) seen.put(visitor, true, startMs);
        context.forward({ ...record, value: { isFirst, isLate } });
      },
    };
  };
