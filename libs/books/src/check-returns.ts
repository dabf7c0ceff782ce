import type { Books, OrderBook, Payment, ReturnBook, StockMove } from './books.ts';
import { violation, type Violation, type ViolationKind } from './violation.ts';

/**
 * The units of a completed return have come back and are on sale again, those of a closed one were
 * sent back if they came at all. While a return is open, its units may be anywhere.
 */
export function returnedStockViolations(
  { orderId }: OrderBook,
  { stockMoves, returns }: Books,
): readonly Violation[] {
  const own = stockMoves.filter((move) => move.orderId === orderId);
  const known = returns.get(orderId);
  const lines = known?.lines ?? [];
  const skus = new Set([...lines.map(({ sku }) => sku), ...own.map(({ sku }) => sku)]);
  return [...skus].flatMap((sku) => {
    const asked = lines.find((line) => line.sku === sku)?.quantity ?? 0;
    const of = (what: StockMove['what']) =>
      own
        .filter((move) => move.sku === sku && move.what === what)
        .reduce((units, { quantity }) => units + quantity, 0);
    const returned = of('returned');
    const sentBack = of('sent back');
    const restocked = of('restocked');
    const kind = kindOf({ status: known?.status, asked, returned, sentBack, restocked });
    const moves = `${returned} returned, ${sentBack} sent back, ${restocked} restocked`;
    const facts = `${known?.status ?? 'no'} return, for ${asked} of ${sku}: ${moves}`;
    return kind === undefined ? [] : [violation(kind, `order ${orderId}`, facts)];
  });
}

function kindOf(units: {
  readonly status: ReturnBook['status'] | undefined;
  readonly asked: number;
  readonly returned: number;
  readonly sentBack: number;
  readonly restocked: number;
}): ViolationKind | undefined {
  const { status, asked, returned, sentBack, restocked } = units;
  if (returned > asked || sentBack + restocked > returned) return 'return_undue';
  if (status === 'completed' && (restocked !== asked || sentBack > 0)) return 'stock_not_restocked';
  if (status === 'closed' && sentBack !== returned) return 'stock_not_sent_back';
  return undefined;
}

/**
 * A completed return has refunded its amount once, a closed one has taken back what it refunded.
 * While a return is open, it may have refunded its amount or not.
 */
export function returnRefundViolations(order: OrderBook, books: Books): readonly Violation[] {
  const known = books.returns.get(order.orderId);
  const due = known?.refund ?? 0;
  const moves = movesOf(order, books);
  const refunds = moves.filter(({ back }) => back).length;
  const refunded = sumOf(moves, true);
  const reversed = sumOf(moves, false);
  const facts =
    `${known?.status ?? 'no'} return, with ${due} to refund: refunded ${refunds} times, ${refunded} in total; ` +
    `${reversed} taken back`;
  const found = (kind: ViolationKind) => [violation(kind, `order ${order.orderId}`, facts)];
  const isKept = known?.status === 'closed' && refunded > reversed;
  return [
    ...(moves.some(({ by }) => by !== (order.byCard ? 'card' : 'account')) ? found('wrong_charge') : []),
    ...(refunds > 1 || refunded > due || isKept ? found('refund_undue') : []),
    ...(reversed > refunded ? found('double_charge') : []),
    ...(known?.status === 'completed' && refunded - reversed < due ? found('refund_missing') : []),
    ...(known?.status !== 'completed' && refunds > 0 && refunded < due ? found('refund_missing') : []),
  ];
}

/** The part of an order's price that its return has given back, or must have by now. */
export function refundKept(order: OrderBook, books: Books): number {
  const known = books.returns.get(order.orderId);
  if (known?.status === 'completed') return known.refund;
  return known?.status === 'open' ? sumOf(movesOf(order, books), true) - reversedFor(order, books) : 0;
}

/** What was taken back of the refund of an order's return. */
export const reversedFor = (order: OrderBook, books: Books): number => sumOf(movesOf(order, books), false);

const movesOf = ({ orderId }: OrderBook, { payments }: Books): readonly Payment[] =>
  payments.filter((payment) => payment.orderId === orderId && payment.purpose === 'return');

const sumOf = (moves: readonly Payment[], back: boolean): number =>
  moves.filter((move) => move.back === back).reduce((total, { amount }) => total + amount, 0);

/**
 * A return that has ended has one mail about its end, and each return at most one with its label.
 * `mails` are the kinds of mail in the sink, by order.
 */
export function returnMailViolations(
  { orderId }: OrderBook,
  { returns, mailsTold }: Books,
  mails: ReadonlyMap<string, readonly string[]>,
): readonly Violation[] {
  const status = returns.get(orderId)?.status;
  const due = status === 'completed' || status === 'closed' ? [`return-${status}`] : [];
  const sent = (mails.get(orderId) ?? []).filter((kind) => kind.startsWith('return-'));
  const told = mailsTold
    .filter((mail) => mail.startsWith(`${orderId}:return-`))
    .map((mail) => mail.slice(orderId.length + 1));
  const facts =
    `${due[0] ?? 'no mail about the end of a return'} is due; the sink has ${sent.join(', ') || 'none'}, ` +
    `notification recorded ${told.join(', ') || 'none'}`;
  const found = (kind: ViolationKind) => [violation(kind, `order ${orderId}`, facts)];
  const isTwice = (kinds: readonly string[]) => new Set(kinds).size < kinds.length;
  if (isTwice(sent) || isTwice(told)) return found('mail_double');
  if (due.some((kind) => !sent.includes(kind) || !told.includes(kind))) return found('mail_missing');
  const allowed = new Set(status === undefined ? [] : ['return-label', ...due]);
  return sent.every((kind) => allowed.has(kind)) ? [] : found('mail_wrong');
}
