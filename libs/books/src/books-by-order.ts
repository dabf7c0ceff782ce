import type { Books } from './books.ts';

/**
 * Returns the books with the moves, payments and mails of one order only, so that the checks of all
 * orders take linear time.
 */
export function booksByOrder(books: Books): (orderId: string) => Books {
  const moves = Map.groupBy(books.stockMoves, ({ orderId }) => orderId);
  const payments = Map.groupBy(books.payments, ({ orderId }) => orderId);
  const mails = Map.groupBy(books.mailsTold, (mail) => mail.slice(0, mail.indexOf(':')));
  return (orderId) => ({
    ...books,
    stockMoves: moves.get(orderId) ?? [],
    payments: payments.get(orderId) ?? [],
    mailsTold: mails.get(orderId) ?? [],
  });
}
