/** A dead letter in a list of the operator API. */
export interface ListedLetter {
  readonly id: string;
  /** The topic on which the message was. */
  readonly topic: string;
  readonly group: string;
  readonly type: string;
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly redrives: number;
  readonly at: string;
  readonly decision: {
    readonly decision: string;
    readonly actor: string;
    readonly reason: string;
    readonly decidedAt: string;
  } | null;
}

export interface LetterView extends ListedLetter {
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly stack: string;
}

export interface LetterReasons {
  readonly topic: string;
  readonly group: string;
  readonly type: string;
  readonly code: string;
  readonly letters: number;
  readonly oldestAt: string;
  readonly latestReason: string;
}

export interface Outcomes {
  readonly dryRun: boolean;
  readonly redriven: number;
  readonly discarded: number;
  readonly refused: number;
  /** The paths that an edited value changes. */
  readonly edited: readonly string[];
  readonly items: ReadonlyArray<{ readonly id: string; readonly outcome: string }>;
  /** Whether the filter may match further letters. */
  readonly more: boolean;
  /** Where the next request continues, or null after the last letter. */
  readonly nextCursor: string | null;
}

export const lettersPath = '/ops/dead-letters';
export const reasonsPath = `${lettersPath}/reasons`;
