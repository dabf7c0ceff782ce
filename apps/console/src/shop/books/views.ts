/** The check of the books that runs, and how the last one has ended. */
export interface BooksView {
  readonly running: BooksProgress | null;
  readonly last: BooksResult | null;
}

/** What a check does at the moment, and how many of how many parts or seconds are over. */
export interface BooksProgress {
  readonly doing: string;
  readonly unit: 'part' | 'second';
  readonly done: number;
  readonly of: number;
}

export interface BookViolation {
  readonly kind: string;
  /** The order, account, product or stream that it is about. */
  readonly subject: string;
  readonly detail: string;
  /** Whether it may disappear by itself. */
  readonly mayBeUnderWay: boolean;
}

export type BooksEnd =
  | {
      readonly end: 'compared';
      /** How much of what, in words. */
      readonly counted: string;
      /** The first of them. */
      readonly violations: readonly BookViolation[];
      readonly violationsInAll: number;
    }
  | { readonly end: 'stopped' }
  | { readonly end: 'failed'; readonly reason: string };

/** How a check has ended, and when (ISO 8601, UTC). */
export type BooksResult = BooksEnd & { readonly endedAt: string };
