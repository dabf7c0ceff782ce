import type { EventOrder } from '../../api/event-streams.ts';
import { pathTo } from '../../kit/paths.ts';

export const pathOfStream = (service: string, stream: string): string => pathTo('streams', service, stream);

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
  const first = begin === '' && order === 'oldest' ? 1 : versionIn(begin, last);
  const lowest = order === 'newest' ? Math.max(1, first - pageSize + 1) : first;
  const highest = order === 'newest' ? first : Math.min(last, first + pageSize - 1);
  const older = lowest > 1 ? lowest - 1 : undefined;
  const newer = highest < last ? highest + 1 : undefined;
  const back = (to: number | undefined, step: number) =>
    to === undefined ? undefined : versionIn(String(to + step), last);
  return order === 'newest'
    ? { lowest, highest, previous: back(newer, pageSize - 1), next: older }
    : { lowest, highest, previous: back(older, 1 - pageSize), next: newer };
}

/** How the event store shows a value about a person. */
const hiddenValue = '"[personal]"';

export const hidesPersonalValues = (state: unknown): boolean =>
  (JSON.stringify(state) ?? '').includes(hiddenValue);
