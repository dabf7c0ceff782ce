import type { ActsPage, ListedLetter, ParkedPage, SagasPage } from '@millrace/operations/contract';

interface OfService {
  readonly service: string;
}

export type Act = ActsPage['items'][number] & OfService;
export type Letter = ListedLetter & OfService;
export type ListedSaga = SagasPage['items'][number] & OfService;
/** A key whose messages wait for one that fails. */
export type ParkedKey = ParkedPage['items'][number] & OfService;
