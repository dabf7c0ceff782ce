import type { EventOrder } from '../../api/event-streams.ts';

export const pathOfStream = (service: string, stream: string): string =>
  `/streams/${encodeURIComponent(service)}/${encodeURIComponent(stream)}`;

/** What the address says about the state that is shown. */
export interface Chosen {
  /** Empty for the last version. */
  readonly version: string;
  /** A moment, which counts instead of the version; often empty. */
  readonly at: string;
  /** A version or a moment; empty for the version before. */
  readonly compare: string;
}

/** The query for a state. It names the last version, so that a new event leads to a new answer. */
export function stateQuery({ version, at, compare }: Chosen, last: number): string {
  const query = new URLSearchParams(
    at === '' ? [['version', String(versionIn(version, last))]] : [['at', at]],
  );
  if (compare !== '') query.set('compare', compare);
  return query.toString();
}

export function versionIn(text: string, last: number): number {
  const version = /^\d{1,15}$/.test(text) ? Number(text) : last;
  return Math.min(last, Math.max(1, version));
}

/** Says what is wrong with a point that somebody has typed, or nothing. */
export function problemOfPoint(text: string): string {
  if (text === '' || /^\d{1,15}$/.test(text)) return '';
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))
    ? ''
    : 'Give a version such as 3, 0 for the state before the first event, or a moment such as 2026-11-22T09:00:00Z';
}

export const pageSize = 50;

/** The versions of a page of events, and where the pages beside it begin. */
export interface EventsPage {
  readonly lowest: number;
  readonly highest: number;
  /** The first event of the pages before and after in the order shown; undefined if there is none. */
  readonly previous: number | undefined;
  readonly next: number | undefined;
}

export function eventsPage(order: EventOrder, begin: string, last: number): EventsPage {
  if (order === 'newest') {
    const highest = versionIn(begin, last);
    const lowest = Math.max(1, highest - pageSize + 1);
    return {
      lowest,
      highest,
      previous: highest < last ? Math.min(last, highest + pageSize) : undefined,
      next: lowest > 1 ? lowest - 1 : undefined,
    };
  }
  const lowest = begin === '' ? 1 : versionIn(begin, last);
  const highest = Math.min(last, lowest + pageSize - 1);
  return {
    lowest,
    highest,
    previous: lowest > 1 ? Math.max(1, lowest - pageSize) : undefined,
    next: highest < last ? highest + 1 : undefined,
  };
}

/** How the event store shows a value about a person. */
const hiddenValue = '"[personal]"';

export const hidesPersonalValues = (state: unknown): boolean =>
  (JSON.stringify(state) ?? '').includes(hiddenValue);
