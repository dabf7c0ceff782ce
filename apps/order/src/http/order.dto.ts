import { fields } from '@millrace/contracts';
import { pageOf, pageQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';
import { choreographedRequest } from '../choreography/order-style.ts';
import type { OrderPersonal } from '../domain/events.ts';
import { orderStatus } from '../projections/order-summary.ts';

export const orderIdParam = fields.orderId;

export const placeOrder = z.strictObject({
  customerId: fields.customerId,
  lines: fields.lines,
  shippingAddress: fields.shippingAddress,
  email: z
    .email()
    .max(254)
    .optional()
    .describe('The address that mails are sent to; CUSTOMERID@customers.invalid if absent'),
  paymentMethod: fields.paymentMethod
    .default('account')
    .describe(
      '"account" to pay from the customer\'s account, or {card: TOKEN} with a token of the simulated ' +
        'provider: tok_approve, tok_decline, tok_slow',
    ),
  ...choreographedRequest,
});

const version = z
  .number()
  .int()
  .min(1)
  .describe('The version of the order after this call, for use with `?wait=`');

export const placed = z.object({ orderId: fields.orderId, status: z.literal('pending'), version });
export const cancelling = z.object({ orderId: fields.orderId, status: orderStatus, version });

/** An order as answers show it, without personal data. */
export const orderView = z.object({
  orderId: fields.orderId,
  customerId: fields.customerId,
  status: orderStatus,
  reason: fields.reason.optional(),
  lines: z.array(fields.pricedLine),
  total: fields.money,
  version: z.number().int().min(1),
  placedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** The position of an order in a list that shows the newest first. */
export const placedPosition = z.tuple([
  z.iso.datetime().transform((placedAt) => new Date(placedAt)),
  fields.orderId,
]);

export const listOrders = z.strictObject({
  ...pageQuery,
  customerId: fields.customerId.optional(),
  status: orderStatus.optional(),
});
export const orderPage = pageOf(orderView);

export const pageOfHistory = z.strictObject(pageQuery);
export const fromEvent = z.strictObject({
  lastEventId: z
    .string()
    .max(64)
    .optional()
    .describe(
      'The id of the last event received, for clients that cannot send the header Last-Event-ID; ' +
        'the header takes precedence',
    ),
});

const sagaStep = z.object({
  name: z.string(),
  status: z.string(),
  attempts: z.number().int(),
  sentAt: z.iso.datetime().nullable(),
  repliedAt: z.iso.datetime().nullable(),
});

export const sagaView = z.object({
  sagaId: z.string(),
  definition: z.string(),
  version: z.number().int(),
  status: z.enum(['running', 'compensating', 'closing', 'completed', 'compensated', 'needs_attention']),
  reason: fields.reason.optional(),
  steps: z.array(sagaStep),
  timers: z.array(z.looseObject({ step: z.string(), dueAt: z.iso.datetime() })),
  waits: z.array(z.object({ name: z.string(), status: z.string(), until: z.iso.datetime().nullable() })),
  branches: z.record(z.string(), z.enum(['then', 'otherwise'])),
  compensations: z.array(sagaStep),
});

export type PlaceOrderRequest = z.infer<typeof placeOrder>;
export type OrderView = z.infer<typeof orderView>;
export type ListOrders = z.infer<typeof listOrders>;
export type FromEvent = z.infer<typeof fromEvent>;
export type PageOfHistory = z.infer<typeof pageOfHistory>;

/**
 * Names each field that is sealed as personal data, so that a new field of the request is personal
 * only if it is added here.
 */
export const personalPartOf = ({
  customerId,
  shippingAddress,
  email = `${customerId}@customers.invalid`,
  paymentMethod,
}: PlaceOrderRequest): OrderPersonal => ({ shippingAddress, email, paymentMethod });
