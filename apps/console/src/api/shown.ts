/** Why something could not be read, and since when. */
export interface Failure {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** A state as a page follows it. After a failure, the state is the one from before, if there is any. */
export type Shown<State> = Partial<State> & { readonly failure: Failure | null };

/** The first items of a list that several services have. */
export interface FirstOfAll<Item> {
  readonly items: ReadonlyArray<Item & { readonly service: string }>;
  /** Whether there may be others behind these. */
  readonly mayHaveMore: boolean;
  /** Why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}
