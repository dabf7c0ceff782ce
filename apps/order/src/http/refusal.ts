import type { OrderLine } from '@millrace/contracts';
import type { Rejected } from '@millrace/event-sourcing';
import { ProblemError, type FieldError, type ProblemKind } from '@millrace/service-chassis/http';
import type { PricingRejection } from '../domain/pricing.ts';
import type { OrderRejection } from '../domain/order.ts';

type Rejection = OrderRejection | PricingRejection | 'customer_erased';

const answers: Readonly<Record<Rejection, ProblemKind>> = {
  customer_erased: {
    status: 409,
    title: 'The data of this customer is being erased, so it can place no more orders',
  },
  order_exists: { status: 409, title: 'The order already exists' },
  unknown_order: { status: 404, title: 'There is no such order' },
  order_not_cancellable: { status: 409, title: 'It is too late to cancel this order' },
  unknown_product: {
    status: 422,
    title: 'The order names products that are not known here yet',
    retryAfterSeconds: 1,
  },
  several_currencies: { status: 422, title: 'All products of an order must have the same currency' },
  total_too_large: { status: 422, title: 'The total is too large' },
};

/**
 * Turns a rejection into an HTTP problem with its code, the details that explain it, and the lines
 * that it is about.
 */
export function refusal(
  { rejected, details }: Rejected<Rejection>,
  lines: readonly OrderLine[] = [],
): ProblemError {
  const { status, title, retryAfterSeconds } = answers[rejected];
  const errors = rejected === 'unknown_product' ? unknownLines(lines, details?.skus) : [];
  return new ProblemError(
    status,
    rejected,
    title,
    { ...details, ...(errors.length > 0 && { errors }) },
    { retryAfterSeconds },
  );
}

const unknownLines = (lines: readonly OrderLine[], skus: unknown): readonly FieldError[] =>
  lines.flatMap(({ sku }, index) =>
    Array.isArray(skus) && skus.includes(sku)
      ? [{ field: `lines[${index}].sku`, message: 'is not known here yet' }]
      : [],
  );
