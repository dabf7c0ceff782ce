import type { ParkedPage } from '@millrace/operations/contract';

/** A key whose messages wait behind one that fails. */
export type ParkedKey = ParkedPage['items'][number] & { readonly service: string };
