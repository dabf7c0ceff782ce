import { fields } from '@millrace/contracts';
import { pageQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';
import { balanceMax } from '../domain/account.ts';

export const { customerId, orderId } = fields;

export const createAccount = z.strictObject({ customerId: fields.customerId, currency: fields.currency });
export const moveMoney = z.strictObject({
  amount: z.number().int().min(1).max(balanceMax).describe('The amount in minor units'),
});
export const pageOfHistory = z.strictObject(pageQuery);

export const accountView = z
  .object({ customerId: fields.customerId, balance: fields.money, version: z.number().int() })
  .describe('An account at a version of its ledger');
export const paymentView = z
  .object({
    orderId: fields.orderId,
    status: z.enum(['processing', 'processed', 'failed', 'refunding', 'refunded', 'cancelled']),
    amount: fields.money.nullable().describe('Null if the payment was cancelled before it began'),
    reason: z.string().optional(),
  })
  .describe("An order's payment");

export type CreateAccount = z.infer<typeof createAccount>;
export type MoveMoney = z.infer<typeof moveMoney>;
export type PageOfHistory = z.infer<typeof pageOfHistory>;
export type AccountView = z.infer<typeof accountView>;
export type PaymentView = z.infer<typeof paymentView>;
