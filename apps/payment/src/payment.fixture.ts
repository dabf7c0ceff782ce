import { randomUUID } from 'node:crypto';
import {
  accountEvents,
  paymentCommands,
  paymentEvents,
  type PaymentMethod,
  inventoryEvents,
  orderEvents,
} from '@millrace/contracts';
import type { Message } from '@millrace/streaming-core/contract';
import { openTestService, until, type TestService } from '@millrace/testing/service';
import { settings } from './config.ts';
import { paymentModule } from './payment.module.ts';

/** The payment service over HTTP and the log. */
export interface PaymentFixture extends TestService {
  /** Opens an account with this balance for a new customer, and returns the customer's id. */
  account(balance: number): Promise<string>;
  balanceOf(customerId: string): Promise<unknown>;
  /** Returns what the service has published about an order's payment. */
  answers(orderId: string): Promise<readonly Message[]>;
  /** Resolves with the answers once there are `count` of them. */
  answered(orderId: string, count: number): Promise<readonly Message[]>;
}

export const eur = (amount: number) => ({ amount, currency: 'EUR' });

export const pay = (
  orderId: string,
  customerId: string,
  amount: number,
  paymentMethod: PaymentMethod = 'account',
) => paymentCommands.ProcessPayment({ orderId, customerId, amount: eur(amount), paymentMethod });

export const refund = (orderId: string, customerId: string) =>
  paymentCommands.RefundPayment({ orderId, customerId });

export const refundReturn = (orderId: string, customerId: string, amount: number) =>
  paymentCommands.RefundReturn({ orderId, customerId, amount: eur(amount) });

export const reverseRefund = (orderId: string, customerId: string) =>
  paymentCommands.ReverseReturnRefund({ orderId, customerId });

export async function openPayment(): Promise<PaymentFixture> {
  const service = await openTestService({
    name: 'payment',
    settings,
    module: paymentModule,
    logSubject: 'orderId',
    folder: import.meta.dirname,
    topics: [paymentCommands, paymentEvents, accountEvents, inventoryEvents, orderEvents],
    env: { WATCH_EVERY_MS: '100', ALARM_HOLD_MS: '0' },
  });
  const answers = async (orderId: string) =>
    (await service.published('payment-events', orderId)).map(({ message }) => message);
  return {
    ...service,
    answers,
    answered: (orderId, count) =>
      until(
        () => answers(orderId),
        (messages) => messages.length >= count,
      ),
    async account(balance) {
      const customerId = `customer-${randomUUID().slice(0, 8)}`;
      await service.call('POST', '/accounts', { customerId, currency: 'EUR' });
      if (balance > 0) await service.call('POST', `/accounts/${customerId}/deposits`, { amount: balance });
      return customerId;
    },
    balanceOf: async (customerId) => (await service.call('GET', `/accounts/${customerId}`)).body.balance,
  };
}
