import type { LetterReasons, LetterView, Outcomes } from '@millrace/operations/contract';

export type Reason = LetterReasons & { readonly service: string };

/** The open dead letters of all services, counted by why they were given up. */
export interface Reasons {
  readonly reasons: readonly Reason[];
  /** False if a service has more letters than it counts. */
  readonly complete: boolean;
  /** Why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}

/** What the page of one letter shows. */
export interface ShownLetter {
  readonly service: string;
  /** Absent if the service had no such letter when it was first asked. */
  readonly letter?: LetterView;
  /** Whether the service does not have the letter any more. It deletes those that are decided. */
  readonly gone: boolean;
  /** How often a message can be redriven. */
  readonly redrivesMax: number;
}

/** What became of letters, or would become of them. */
export interface Decided extends Pick<Outcomes, 'edited' | 'more'> {
  readonly outcomes: readonly Outcome[];
}

export interface Outcome {
  readonly outcome: Outcomes['items'][number]['outcome'];
  readonly letters: number;
}
