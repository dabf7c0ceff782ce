/** The running check of the books, and the result of the last one. */
export interface BooksView {
  readonly running: BooksProgress | null;
  readonly last: BooksResult | null;
}

/** The present activity of a check, and how many of its parts or seconds are over. */
export interface BooksProgress {
  readonly doing: string;
  readonly unit: 'part' | 'second';
  readonly done: number;
  readonly of: number;
}

export interface BookViolation {
  readonly kind: string;
  /** The order, account, product or stream that the violation concerns. */
  readonly subject: string;
  readonly detail: string;
  /** Whether it may disappear by itself. */
  readonly mayBeUnderWay: boolean;
}

export type BooksEnd =
  | {
      readonly end: 'compared';
      /** What was counted, in words. */
      readonly counted: string;
      /** The first violations. */
      readonly violations: readonly BookViolation[];
      readonly violationsInAll: number;
    }
  | { readonly end: 'stopped' }
  | { readonly end: 'failed'; readonly reason: string };

/** How a check has ended, and when (ISO 8601, UTC). */
export type BooksResult = BooksEnd & { readonly endedAt: string };
