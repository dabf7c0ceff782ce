import type {
  DifferenceView,
  FeedPage,
  HistoryItem,
  StateView,
  StreamsPage,
} from '@millrace/operations/contract';

type RecordedEvent = FeedPage['items'][number];

/** An event as a line of the live feed. */
export interface FedEvent extends Pick<
  RecordedEvent,
  'position' | 'stream' | 'version' | 'type' | 'recordedAt'
> {
  readonly service: string;
  /** The beginning of its data. */
  readonly line: string;
}

export type ListedStream = StreamsPage['items'][number];

export type EventOrder = 'newest' | 'oldest';

/** What the page of one stream follows: a page of its events, in the order that was asked for. */
export interface ShownStream extends Pick<ListedStream, 'version' | 'updatedAt'> {
  readonly events: readonly HistoryItem[];
}

/** A state of a stream, and what differs in it from an earlier one. */
export interface StateAt extends Pick<StateView, 'version' | 'state'>, Pick<DifferenceView, 'changes'> {
  /** The version that it is compared with; 0 is the state before the first event. */
  readonly comparedWith: number;
}

export type Change = DifferenceView['changes'][number];
