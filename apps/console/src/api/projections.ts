import type { LagsView, RebuildsView } from '@millrace/operations/contract';

export type Rebuild = RebuildsView['items'][number];

/** A read model that can be rebuilt. */
export interface ReadModel {
  readonly service: string;
  readonly projection: string;
  /** Null while it is not being rebuilt. */
  readonly rebuild: Rebuild | null;
}

/** The lag of a group on all partitions of a topic, as the processes of its service last saw it. */
export interface TopicLag extends Omit<LagsView['items'][number], 'partition'> {
  readonly partitions: number;
}

export interface Projections {
  readonly readModels: readonly ReadModel[];
  readonly lags: readonly TopicLag[];
  readonly missing: readonly string[];
}
