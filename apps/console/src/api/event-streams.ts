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

/** The data of the page of one stream: one page of its events, in the requested order. */
export interface ShownStream extends Pick<ListedStream, 'version' | 'updatedAt'> {
  readonly events: readonly HistoryItem[];
}

/** A state of a stream, and its differences from another one. */
export interface StateAt extends Pick<StateView, 'version' | 'state'>, Pick<DifferenceView, 'changes'> {
  /** The version of the other state; 0 is the state before the first event. */
  readonly comparedWith: number;
}

export type Change = DifferenceView['changes'][number];
