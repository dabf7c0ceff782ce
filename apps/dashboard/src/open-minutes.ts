import type { WindowStore } from '@millrace/streams';
import type { MinutePlace } from './domain/minute-key.ts';
import type { PageViewMinute } from './domain/page-view.ts';

/**
 * A row of the store: what one commit has added to some pages of a minute, or visitors of one page that
 * other rows have too.
 */
export interface ViewsOfCommit {
  readonly pages: readonly AddedToPage[];
  readonly isCopy?: true;
}

interface AddedToPage {
  readonly page: string;
  readonly views: number;
  /** The users who were not among those of earlier rows. */
  readonly visitors: readonly string[];
}

interface OpenMinute {
  readonly startMs: number;
  readonly pages: Map<string, OpenPage>;
  /** How many rows the store has. */
  rows: number;
}

interface OpenPage {
  readonly minute: OpenMinute;
  readonly place: MinutePlace;
  views: number;
  visitors: number;
  newViews: number;
  newVisitors: string[];
  /** The rows of the store that have the visitors. */
  rows: number[];
  /** Whether these rows have no other page. */
  hasOwnRows: boolean;
  /** All visitors. Undefined until a view needs them, if the store has them. */
  known: Set<string> | undefined;
}

export interface OpenMinutesOptions {
  readonly visitorsInMemoryMax?: number | undefined;
  /** The open figures that are sent at once. Those that have waited longest are sent first. */
  readonly figuresAtOnceMax?: number | undefined;
}

/** With these limits a row is always smaller than a record may be, however its text is escaped. */
const rowCharactersMax = 75_000;
const visitorsOfPageInRowMax = 250;

/**
 * The views and visitors of the minutes that are still open. They are counted in memory. Each commit adds
 * rows to the store, and no row is written again, however many visitors a page has.
 */
export class OpenMinutes {
  readonly #store: WindowStore<string, ViewsOfCommit>;
  readonly #visitorsInMemoryMax: number;
  readonly #figuresAtOnceMax: number;
  /** By the start of the minute. */
  readonly #minutes = new Map<number, OpenMinute>();
  /** The pages that have views that the store does not have. */
  readonly #changed = new Set<OpenPage>();
  /** The pages whose figures have changed since they were sent. */
  readonly #unsent = new Set<OpenPage>();
  #visitorsInMemory = 0;

  constructor(
    store: WindowStore<string, ViewsOfCommit>,
    { visitorsInMemoryMax = 4_000_000, figuresAtOnceMax = 500 }: OpenMinutesOptions,
  ) {
    this.#store = store;
    this.#visitorsInMemoryMax = visitorsInMemoryMax;
    this.#figuresAtOnceMax = figuresAtOnceMax;
  }

  /**
   * Continues with the minutes of the store that start at this time or later. Their figures are sent
   * again, because the last ones may not have been.
   */
  load(fromMs: number): void {
    using rows = this.#store.fetchAll(fromMs, Number.MAX_SAFE_INTEGER);
    for (const { key, value } of rows) {
      const minute = this.#minuteOf(key.window.startMs);
      const row = Number(key.key);
      minute.rows = Math.max(minute.rows, row + 1);
      if (!value.isCopy) for (const added of value.pages) this.#loadPage(minute, added, row);
    }
  }

  #loadPage(minute: OpenMinute, { page: name, views, visitors }: AddedToPage, row: number): void {
    const page = this.#pageOf(minute, name);
    page.views += views;
    page.visitors += visitors.length;
    page.rows.push(row);
    this.#unsent.add(page);
    if (this.#visitorsInMemory + visitors.length > this.#visitorsInMemoryMax) this.#forgetVisitors(page);
    if (page.known === undefined) return;
    for (const user of visitors) page.known.add(user);
    this.#visitorsInMemory += visitors.length;
  }

  add(startMs: number, name: string, user: string): void {
    const page = this.#pageOf(this.#minuteOf(startMs), name);
    if (page.newViews === 0) this.#changed.add(page);
    page.views += 1;
    page.newViews += 1;
    const known = this.#knownOf(page);
    if (known.has(user)) return;
    known.add(user);
    this.#visitorsInMemory += 1;
    page.visitors += 1;
    page.newVisitors.push(user);
  }

  /**
   * Stores what the next start needs, and sends the final figures of the minutes that start at `closedMs`
   * or earlier, and open figures that have changed.
   */
  write(closedMs: number, send: (place: MinutePlace, figures: PageViewMinute) => void): void {
    this.#keepChanged();
    for (const page of this.#changed) this.#unsent.add(page);
    for (const minute of this.#minutes.values()) if (minute.startMs <= closedMs) this.#close(minute, send);
    this.send(send);
    if (this.#visitorsInMemory > this.#visitorsInMemoryMax) this.#forgetUnusedVisitors();
    this.#changed.clear();
  }

  /** Sends open figures that have changed. If they are too many, the others follow at the next call. */
  send(send: (place: MinutePlace, figures: PageViewMinute) => void): void {
    let left = this.#figuresAtOnceMax;
    for (const page of this.#unsent) {
      if (left === 0) return;
      left -= 1;
      this.#unsent.delete(page);
      send(page.place, figuresOf(page, { open: true }));
    }
  }

  #close(minute: OpenMinute, send: (place: MinutePlace, figures: PageViewMinute) => void): void {
    this.#minutes.delete(minute.startMs);
    for (const page of minute.pages.values()) {
      this.#forgetVisitors(page);
      this.#unsent.delete(page);
      send(page.place, figuresOf(page, { open: false }));
    }
  }

  #minuteOf(startMs: number): OpenMinute {
    let minute = this.#minutes.get(startMs);
    if (minute === undefined) this.#minutes.set(startMs, (minute = { startMs, pages: new Map(), rows: 0 }));
    return minute;
  }

  #pageOf(minute: OpenMinute, name: string): OpenPage {
    let page = minute.pages.get(name);
    if (page === undefined) {
      const place = { window_start: new Date(minute.startMs).toISOString(), page_url: name };
      const counts = { views: 0, visitors: 0, newViews: 0, newVisitors: [], rows: [], hasOwnRows: false };
      minute.pages.set(name, (page = { minute, place, ...counts, known: new Set() }));
    }
    return page;
  }

  #knownOf(page: OpenPage): Set<string> {
    if (page.known !== undefined) return page.known;
    page.known = new Set();
    for (const row of page.rows)
      for (const added of this.#store.fetch(String(row), page.minute.startMs)?.pages ?? [])
        if (added.page === page.place.page_url) for (const user of added.visitors) page.known.add(user);
    this.#visitorsInMemory += page.known.size;
    return page.known;
  }

  #keepChanged(): void {
    const rows = new Map<OpenMinute, { pages: AddedToPage[]; characters: number }>();
    for (const page of this.#changed) {
      const { minute, place, newVisitors } = page;
      for (let first = 0; first === 0 || first < newVisitors.length; first += visitorsOfPageInRowMax) {
        const visitors = newVisitors.slice(first, first + visitorsOfPageInRowMax);
        let row = rows.get(minute);
        if (row === undefined) rows.set(minute, (row = { pages: [], characters: 0 }));
        row.pages.push({ page: place.page_url, views: page.newViews, visitors });
        row.characters += visitors.reduce((sum, user) => sum + user.length, place.page_url.length);
        page.rows.push(minute.rows);
        page.hasOwnRows = false;
        page.newViews = 0;
        if (row.characters < rowCharactersMax) continue;
        this.#keep(minute, { pages: row.pages });
        rows.delete(minute);
      }
      page.newVisitors = [];
    }
    for (const [minute, { pages }] of rows) this.#keep(minute, { pages });
  }

  #keep(minute: OpenMinute, row: ViewsOfCommit): void {
    this.#store.put(String(minute.rows), row, minute.startMs);
    minute.rows += 1;
  }

  /** Copies the visitors of a page into rows of its own, so that no row is read again for each of its pages. */
  #keepCopy({ minute, place, known }: OpenPage): number[] {
    const visitors = [...(known ?? [])];
    const rows: number[] = [];
    for (let first = 0; first < visitors.length; first += visitorsOfPageInRowMax) {
      rows.push(minute.rows);
      const some = visitors.slice(first, first + visitorsOfPageInRowMax);
      this.#keep(minute, { isCopy: true, pages: [{ page: place.page_url, views: 0, visitors: some }] });
    }
    return rows;
  }

  #forgetVisitors(page: OpenPage): void {
    this.#visitorsInMemory -= page.known?.size ?? 0;
    page.known = undefined;
  }

  /** The visitors of a page that is viewed again are read from the store again. */
  #forgetUnusedVisitors(): void {
    for (const { pages } of this.#minutes.values())
      for (const page of pages.values()) {
        if (page.known === undefined || this.#changed.has(page)) continue;
        if (!page.hasOwnRows) page.rows = this.#keepCopy(page);
        page.hasOwnRows = true;
        this.#forgetVisitors(page);
      }
  }
}

const figuresOf = (
  { place, views, visitors }: OpenPage,
  { open }: { readonly open: boolean },
): PageViewMinute => ({ ...place, page_views: views, unique_visitors: visitors, open });
