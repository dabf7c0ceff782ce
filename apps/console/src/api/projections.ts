import type { RebuildsView } from '@millrace/operations/contract';

export type Rebuild = RebuildsView['items'][number];

/** A read model that can be rebuilt. */
export interface ReadModel {
  readonly service: string;
  readonly projection: string;
  /** Null while it is not being rebuilt. */
  readonly rebuild: Rebuild | null;
}

/** How far a group is behind on a topic, as the processes of its service saw it last. */
export interface TopicLag {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly messages: number;
  /** The age of the oldest message that is read next; null if the log does not tell it. */
  readonly seconds: number | null;
}

export interface Projections {
  readonly readModels: readonly ReadModel[];
  readonly lags: readonly TopicLag[];
  readonly missing: readonly string[];
}
