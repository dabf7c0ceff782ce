import type { LetterReasons, LetterView, Outcomes } from '@millrace/operations/contract';

export type Reason = LetterReasons & { readonly service: string };

/** The open dead letters of all services, counted by the reason for which they were given up. */
export interface Reasons {
  readonly reasons: readonly Reason[];
  /** False if a service has more letters than it counts. */
  readonly complete: boolean;
  /** The reasons why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}

/** The data of the page of one letter. */
export interface ShownLetter {
  readonly service: string;
  /** Absent if the service had no such letter at the first read. */
  readonly letter?: LetterView;
  /** Whether the service does not have the letter any more. It deletes those that are decided. */
  readonly gone: boolean;
  /** How often a message can be redriven. */
  readonly redrivesMax: number;
}

/** The outcome of a decision about letters, or of its dry run. */
export interface Decided extends Pick<Outcomes, 'edited' | 'more'> {
  readonly outcomes: readonly Outcome[];
}

export interface Outcome {
  readonly outcome: Outcomes['items'][number]['outcome'];
  readonly letters: number;
}
