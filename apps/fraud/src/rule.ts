import { minutes } from '@millrace/streams';
import { begin } from '@millrace/streams/cep';
import type { Transaction } from './domain/transaction.ts';

/** Which countries of three transactions must differ. */
export type Distinct = 'consecutive' | 'pairwise';

/**
 * Three transactions of a card within five minutes, each in another country than the one before, with
 * others between them or not. After an alert the next one begins with later transactions. With
 * `pairwise` the third country must differ from the first as well.
 */
export const threeCountries = (distinct: Distinct) =>
  begin<Transaction>('first')
    .followedBy('second')
    .where((each, { previous }) => each.country !== previous.country)
    .followedBy('third')
    .where(
      (each, { previous, taken }) =>
        each.country !== previous.country &&
        (distinct === 'consecutive' || each.country !== taken.first.country),
    )
    .within(minutes(5))
    .skipPastLastEvent();
