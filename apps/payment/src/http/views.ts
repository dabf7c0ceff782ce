import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '@millrace/service-chassis/http';
import { ENTITIES, type Entities } from '@millrace/service-chassis/service';
import { AccountSummary } from '../projections/account-summary.entity.ts';
import { PaymentSummary } from '../projections/payment-summary.entity.ts';
import type { AccountView, PaymentView } from './payment.dto.ts';

/** Accounts as the read model has them: right at once, since it is written with the events. */
@Injectable()
export class AccountViews {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  async one(accountId: string): Promise<AccountView> {
    const row = await this.entities.of(AccountSummary).findOneBy({ accountId });
    if (row === null) throw notFound('unknown_account', 'There is no such account');
    return {
      customerId: row.accountId,
      balance: { amount: row.balance, currency: row.currency },
      version: row.version,
    };
  }
}

@Injectable()
export class PaymentViews {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  async one(orderId: string): Promise<PaymentView> {
    const row = await this.entities.of(PaymentSummary).findOneBy({ orderId });
    if (row === null) throw notFound('unknown_payment', 'No payment was asked for this order');
    const amount =
      row.amount === null || row.currency === null ? null : { amount: row.amount, currency: row.currency };
    return {
      orderId: row.orderId,
      status: row.status,
      amount,
      ...(row.reason === null ? {} : { reason: row.reason }),
    };
  }
}
