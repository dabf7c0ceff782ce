import { z } from 'zod';

/** Amounts are whole minor units: 12_50 is twelve euros and fifty cents. */
export const minorUnits = z
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ examples: [2490] });
/** An ISO 4217 code. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
  .meta({ examples: ['EUR'] });
export const money = z.strictObject({ amount: minorUnits, currency });
/** Lower case, so that each order has one spelling in the names of streams, keys and rows. */
export const orderId = z.uuid().toLowerCase();
/**
 * The sample also uses it as the local part of an e-mail address, so it cannot begin or end with a
 * dot or have two dots in a row.
 */
export const customerId = z
  .string()
  .regex(
    /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/,
    'must have 1 to 64 letters, digits, dashes or underscores, with single dots between them',
  )
  .max(64)
  .meta({ examples: ['ada'] });
export const sku = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must have 1 to 64 letters, digits, dots, dashes or underscores')
  .meta({ examples: ['teapot'] });
export const quantity = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .meta({ examples: [2] });
export const orderLine = z.strictObject({ sku, quantity });
export const lines = z
  .array(orderLine)
  .min(1)
  .max(100)
  .refine((all) => new Set(all.map((line) => line.sku)).size === all.length, 'must name each SKU once');
export const pricedLine = z.strictObject({ sku, quantity, unitPrice: minorUnits });
export const postcode = z
  .string()
  .min(1)
  .max(16)
  .meta({ examples: ['10115'] });
export const shippingAddress = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .meta({ examples: ['Ada Lovelace'] }),
  street: z
    .string()
    .min(1)
    .max(200)
    .meta({ examples: ['Mill Lane 1'] }),
  city: z
    .string()
    .min(1)
    .max(200)
    .meta({ examples: ['Berlin'] }),
  postcode,
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code such as DE')
    .meta({ examples: ['DE'] }),
});
/** A token from the payment provider, never a card number. */
export const cardToken = z
  .string()
  .regex(/^tok_[a-z_]{1,60}$/, 'must be a token such as tok_approve')
  .meta({ examples: ['tok_approve'] });
export const paymentMethod = z.union([z.literal('account'), z.strictObject({ card: cardToken })]);
export const reason = z.enum([
  'out_of_stock',
  'insufficient_funds',
  'unknown_account',
  'card_declined',
  'address_refused',
  'step_timeout',
  'cancelled_by_customer',
]);
export const returnReason = z.enum([
  'denied',
  'approval_overdue',
  'label_refused',
  'parcel_overdue',
  'not_shipped',
  'refund_refused',
  'unknown_account',
  'step_timeout',
  'return_overdue',
  'withdrawn_by_customer',
]);
/** The carrier's number of a parcel. */
export const trackingNumber = z
  .string()
  .min(1)
  .max(64)
  .meta({ examples: ['RL-0199e5a0'] });
export const instant = z.iso.datetime();

export type Money = z.infer<typeof money>;
export type OrderLine = z.infer<typeof orderLine>;
export type PricedLine = z.infer<typeof pricedLine>;
export type ShippingAddress = z.infer<typeof shippingAddress>;
export type PaymentMethod = z.infer<typeof paymentMethod>;
export type CancellationReason = z.infer<typeof reason>;
export type ReturnReason = z.infer<typeof returnReason>;
