import type { LetterReasons, LetterView, ListedLetter, Outcomes } from '@millrace/operations/contract';

export type Letter = ListedLetter & { readonly service: string };
export type Reason = LetterReasons & { readonly service: string };

/** The open dead letters of all services, counted by why they were given up. */
export interface Reasons {
  readonly reasons: readonly Reason[];
  /** False if a service has more letters than it counts. */
  readonly complete: boolean;
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

export interface Outcome {
  readonly outcome: Outcomes['items'][number]['outcome'];
  readonly letters: number;
}

/** What became of letters, or would become of them. */
export interface Decided {
  readonly outcomes: readonly Outcome[];
  /** The paths that the new value changes. */
  readonly edited: readonly string[];
  /** Whether there may be letters that were not looked at. */
  readonly more: boolean;
}
