import {
  consumed,
  days,
  fromValue,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  windowStore,
  type Topology,
} from '@millrace/streams';
import { countViews, lateStore, minuteStore, type Counted, type CountOptions } from './count-views.ts';
import { pageView, type PageView } from './domain/page-view.ts';
import type { ViewsOfCommit } from './open-minutes.ts';

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
