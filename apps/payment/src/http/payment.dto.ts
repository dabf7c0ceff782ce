import { fields } from '@millrace/contracts';
import { pageQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';
import { balanceMax } from '../domain/account.ts';
import { accountSummary } from '../projections/account-summary.projection.ts';
import { paymentSummary } from '../projections/payment-summary.projection.ts';

export const { customerId, orderId } = fields;

export const createAccount = z.strictObject({ customerId: fields.customerId, currency: fields.currency });
export const moveMoney = z.strictObject({
  amount: z.number().int().min(1).max(balanceMax).describe('The amount in minor units'),
});
export const pageOfHistory = z.strictObject(pageQuery);

export const accountView = accountSummary.view.describe('An account at a version of its ledger');
export const paymentView = paymentSummary.view.describe("An order's payment");

export type CreateAccount = z.infer<typeof createAccount>;
export type MoveMoney = z.infer<typeof moveMoney>;
export type PageOfHistory = z.infer<typeof pageOfHistory>;
export type AccountView = z.infer<typeof accountView>;
export type PaymentView = z.infer<typeof paymentView>;
