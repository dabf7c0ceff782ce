/** The reason why something could not be read, and the time since which this has been so. */
export interface Failure {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * A state that a page follows. After a failure, it has the last state that was read, if there is
 * one.
 */
export type Shown<State> = Partial<State> & { readonly failure: Failure | null };

/** The first items of a list that is merged from several services. */
export interface FirstOfAll<Item> {
  readonly items: ReadonlyArray<Item & { readonly service: string }>;
  /** Whether there may be further items. */
  readonly mayHaveMore: boolean;
  /** The reasons why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}
