import type { EventOrder } from '../../api/event-streams.ts';
import { pathTo } from '../../kit/paths.ts';

export const pathOfStream = (service: string, stream: string): string => pathTo('streams', service, stream);

/** The choice of a state in the address. */
export interface Chosen {
  /** The version; empty for the last one. */
  readonly version: string;
  /** A moment, which overrides the version. Often empty. */
  readonly at: string;
  /** The version or moment to compare with; empty for the previous version. */
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

/** Returns what is wrong with a point that was typed, or an empty text. */
export function problemOfPoint(text: string): string {
  if (text === '' || /^\d{1,15}$/.test(text)) return '';
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))
    ? ''
    : 'Give a version such as 3, 0 for the state before the first event, or a moment such as 2026-11-22T09:00:00Z';
}

export const pageSize = 50;

/** The versions on a page of events. */
interface ShownVersions {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Returns where the previous and the next page begin, in the order shown; undefined if there is
 * none.
 */
export function pagesBeside(order: EventOrder, { lowest, highest }: ShownVersions, last: number) {
  const hasOlder = lowest > 1;
  const hasNewer = highest < last;
  if (order === 'newest')
    return {
      previous: hasNewer ? Math.min(last, highest + pageSize) : undefined,
      next: hasOlder ? lowest - 1 : undefined,
    };
  return {
    previous: hasOlder ? Math.max(1, lowest - pageSize) : undefined,
    next: hasNewer ? highest + 1 : undefined,
  };
}

/** How the event store shows a value about a person. */
const hiddenValue = '"[personal]"';

export const hidesPersonalValues = (state: unknown): boolean =>
  (JSON.stringify(state) ?? '').includes(hiddenValue);
