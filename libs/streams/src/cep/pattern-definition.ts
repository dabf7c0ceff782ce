/** The events that a run has taken before the one that a condition judges. */
export interface SoFar<Previous, Taken> {
  /** The event that the run took last, in whichever step. */
  readonly previous: Previous;
  /**
   * The events by the names of their steps: one event, or a list if the step may take several. The
   * list of the step itself has the events that it took before this one.
   */
  readonly taken: Taken;
}

/** Judges an event. It must be pure: it may be asked again, and on a replay. */
export type Condition<T, Previous, Taken> = (event: T, soFar: SoFar<Previous, Taken>) => boolean;

/** How a step is joined to the one before it. */
export type Contiguity = 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';

type UntypedTaken<T> = Readonly<Record<string, T | readonly T[]>>;
export type UntypedCondition<T> = Condition<T, T | undefined, UntypedTaken<T>>;

/** One step of a pattern, without the types of the names. */
export interface PatternStep<T> {
  readonly name: string;
  readonly contiguity: Contiguity;
  /** All must hold. */
  readonly conditions: readonly UntypedCondition<T>[];
  /** How many events the step takes, or undefined for exactly one that is not a list. */
  readonly times: number | 'oneOrMore' | undefined;
  readonly isOptional: boolean;
  readonly until: UntypedCondition<T> | undefined;
}

export interface PatternDefinition<T> {
  readonly steps: readonly PatternStep<T>[];
  readonly withinMs: number | undefined;
  readonly afterMatch: AfterMatch;
}

/** Which other runs a match ends. Flink's default and ours is `noSkip`. */
export type AfterMatch =
  | { readonly kind: 'noSkip' | 'skipToNext' | 'skipPastLastEvent' }
  | { readonly kind: 'skipToFirst' | 'skipToLast'; readonly step: string };
