import type { ParkedPage } from '@millrace/operations/contract';

/** A key whose messages wait behind one that fails. */
export type ParkedKey = ParkedPage['items'][number] & { readonly service: string };

export interface ParkedKeys {
  readonly items: readonly ParkedKey[];
  readonly mayHaveMore: boolean;
  readonly missing: readonly string[];
}
