import type { HistoryItem, StreamsPage } from '@millrace/operations/contract';

/** An event as a line of the live feed. */
export interface FedEvent {
  readonly service: string;
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
  /** The beginning of its data. */
  readonly line: string;
}

export type ListedStream = StreamsPage['items'][number] & { readonly service: string };

export type EventOrder = 'newest' | 'oldest';

/** What the page of one stream follows: a page of its events, in the order that was asked for. */
export interface ShownStream {
  /** The version of its last event. */
  readonly version: number;
  readonly updatedAt: string;
  readonly events: readonly HistoryItem[];
}

/** A state of a stream, and what differs in it from an earlier one. */
export interface StateAt {
  readonly version: number;
  readonly state: unknown;
  /** The version that it is compared with; 0 is the state before the first event. */
  readonly comparedWith: number;
  readonly changes: readonly Change[];
}

export interface Change {
  /** A JSON Pointer (RFC 6901); empty for the whole state. */
  readonly path: string;
  /** Absent if this state does not have the place. */
  readonly before?: unknown;
  readonly after?: unknown;
}
