import type { WindowStore } from '@millrace/streams';
import type { MinutePlace } from './domain/minute-key.ts';
import type { PageViewMinute } from './domain/page-view.ts';

/** A row of the store: what one commit has added to a page and minute. */
export interface ViewsOfCommit {
  readonly views: number;
  /** The users who were not among those of earlier rows. */
  readonly visitors: readonly string[];
}

interface OpenMinute {
  readonly startMs: number;
  readonly place: MinutePlace;
  views: number;
  visitors: number;
  /** The rows that the store has. */
  rows: number;
  newViews: number;
  newVisitors: string[];
  /** All visitors. Undefined until a view needs them, if the store has them. */
  known: Set<string> | undefined;
}

/** A row of so many visitors is always smaller than a record may be. */
const visitorsPerRowMax = 500;
const visitorsInMemoryMaxDefault = 4_000_000;

/**
 * The views and visitors of the minutes that are still open. They are counted in memory. The store has
 * a row for each page, minute and commit, so that nothing is written twice however many visitors a page
 * has.
 */
export class OpenMinutes {
  readonly #store: WindowStore<string, ViewsOfCommit>;
  readonly #visitorsInMemoryMax: number;
  /** By the start of the minute and by page. */
  readonly #minutes = new Map<number, Map<string, OpenMinute>>();
  readonly #changed = new Set<OpenMinute>();
  #visitorsInMemory = 0;

  constructor(
    store: WindowStore<string, ViewsOfCommit>,
    {
      visitorsInMemoryMax = visitorsInMemoryMaxDefault,
    }: { readonly visitorsInMemoryMax?: number | undefined },
  ) {
    this.#store = store;
    this.#visitorsInMemoryMax = visitorsInMemoryMax;
  }

  /** Continues with the minutes of the store that start at this time or later. */
  load(fromMs: number): void {
    using rows = this.#store.fetchAll(fromMs, Number.MAX_SAFE_INTEGER);
    for (const { key, value } of rows) {
      const minute = this.#minuteOf(key.window.startMs, pageOf(key.key));
      minute.views += value.views;
      minute.visitors += value.visitors.length;
      minute.rows += 1;
      minute.known = undefined;
    }
  }

  add(startMs: number, page: string, user: string): void {
    const minute = this.#minuteOf(startMs, page);
    minute.views += 1;
    minute.newViews += 1;
    this.#changed.add(minute);
    const known = this.#knownOf(minute);
    if (known.has(user)) return;
    known.add(user);
    this.#visitorsInMemory += 1;
    minute.visitors += 1;
    minute.newVisitors.push(user);
  }

  /**
   * Sends the figures that have changed, and the final ones of the minutes that start at `closedMs` or
   * earlier. Stores what the next start needs.
   */
  write(closedMs: number, send: (place: MinutePlace, figures: PageViewMinute) => void): void {
    for (const minute of this.#changed) {
      this.#keep(minute);
      if (minute.startMs > closedMs) send(minute.place, figuresOf(minute, { open: true }));
    }
    for (const [startMs, pages] of this.#minutes) {
      if (startMs > closedMs) continue;
      this.#minutes.delete(startMs);
      for (const minute of pages.values()) {
        this.#forgetVisitors(minute);
        send(minute.place, figuresOf(minute, { open: false }));
      }
    }
    if (this.#visitorsInMemory > this.#visitorsInMemoryMax) this.#forgetUnusedVisitors();
    this.#changed.clear();
  }

  #minuteOf(startMs: number, page: string): OpenMinute {
    let pages = this.#minutes.get(startMs);
    if (pages === undefined) this.#minutes.set(startMs, (pages = new Map()));
    let minute = pages.get(page);
    if (minute === undefined) {
      const place = { window_start: new Date(startMs).toISOString(), page_url: page };
      const counts = { views: 0, visitors: 0, rows: 0, newViews: 0, newVisitors: [] };
      pages.set(page, (minute = { startMs, place, ...counts, known: new Set() }));
    }
    return minute;
  }

  #knownOf(minute: OpenMinute): Set<string> {
    if (minute.known !== undefined) return minute.known;
    minute.known = new Set();
    for (let row = 0; row < minute.rows; row += 1)
      for (const user of this.#store.fetch(rowKey(minute, row), minute.startMs)?.visitors ?? [])
        minute.known.add(user);
    this.#visitorsInMemory += minute.known.size;
    return minute.known;
  }

  #keep(minute: OpenMinute): void {
    const { startMs, newVisitors } = minute;
    for (let first = 0; first === 0 || first < newVisitors.length; first += visitorsPerRowMax) {
      const visitors = newVisitors.slice(first, first + visitorsPerRowMax);
      this.#store.put(rowKey(minute, minute.rows), { views: minute.newViews, visitors }, startMs);
      minute.rows += 1;
      minute.newViews = 0;
    }
    minute.newVisitors = [];
  }

  #forgetVisitors(minute: OpenMinute): void {
    this.#visitorsInMemory -= minute.known?.size ?? 0;
    minute.known = undefined;
  }

  /** The visitors of a page that is viewed again are read from the store again. */
  #forgetUnusedVisitors(): void {
    for (const pages of this.#minutes.values())
      for (const minute of pages.values()) if (!this.#changed.has(minute)) this.#forgetVisitors(minute);
  }
}

const figuresOf = (
  { place, views, visitors }: OpenMinute,
  { open }: { readonly open: boolean },
): PageViewMinute => ({ ...place, page_views: views, unique_visitors: visitors, open });

/** No page has a NUL, so no two rows of a minute have the same key. */
const rowKey = ({ place }: OpenMinute, row: number): string => `${place.page_url}\0${row}`;
const pageOf = (key: string): string => key.slice(0, key.indexOf('\0'));
