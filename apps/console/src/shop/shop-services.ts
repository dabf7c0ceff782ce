import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ProblemError } from '@millrace/service-chassis/app';
import type { MailView, OrderView, ProductView, ReturnView, ShopView } from './views.ts';
import { System } from '../system/system.ts';

type Service = 'order' | 'inventory' | 'payment' | 'shipping' | 'notification';

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
}

const answerMsMax = 10_000;
const ordersShown = 20;

/** The public interfaces of the sample's services, as a web shop uses them. */
@Injectable()
export class ShopServices {
  constructor(private readonly system: System) {}

  async shop(): Promise<ShopView> {
    const accountOf = (customerId: string) =>
      this.ask<{ customerId: string; balance: ShopView['accounts'][number]['balance'] }>(
        'payment',
        `/accounts/${customerId}`,
      )
        .then(({ balance }) => [{ customerId, balance }])
        .catch(noneIfAbsent);
    const [products, orders, ...accounts] = await Promise.all([
      this.ask<{ items: ProductView[] }>('inventory', '/products?limit=20'),
      this.ask<{ items: OrderView[] }>('order', `/orders?limit=${ordersShown}`),
      accountOf('ada'),
      accountOf('bob'),
    ]);
    return { products: products.items, orders: orders.items, accounts: accounts.flat() };
  }

  order(orderId: string): Promise<OrderView> {
    return this.ask('order', `/orders/${orderId}`);
  }

  /** Resolves to null for an order that nobody has sent back. */
  async orderReturn(orderId: string): Promise<ReturnView | null> {
    const found = await this.ask<ReturnView>('order', `/orders/${orderId}/return`)
      .then((one) => [one])
      .catch(noneIfAbsent);
    return found[0] ?? null;
  }

  async mails(orderId: string): Promise<readonly MailView[]> {
    return (await this.ask<{ items: MailView[] }>('notification', `/notifications?orderId=${orderId}`)).items;
  }

  placeOrder(body: object): Promise<{ readonly orderId: string }> {
    return this.ask('order', '/orders', body);
  }

  cancel(orderId: string): Promise<unknown> {
    return this.ask('order', `/orders/${orderId}/cancel`, {});
  }

  sendBack(orderId: string, lines: object): Promise<unknown> {
    return this.ask('order', `/orders/${orderId}/return`, { lines });
  }

  /** Plays the returns desk that scans the parcel. */
  receiveParcel(orderId: string): Promise<unknown> {
    return this.ask('shipping', `/shipments/${orderId}/return-parcel`, {});
  }

  private async ask<Answer>(service: Service, path: string, body?: object): Promise<Answer> {
    const url = this.system.addresses.processes()[service];
    if (url === undefined)
      throw new ProblemError(
        404,
        'no_shop',
        `The sample shop is not part of this system: it has no service ${service}`,
      );
    const init =
      body === undefined
        ? {}
        : {
            method: 'POST',
            body: JSON.stringify(body),
            headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
          };
    const answer = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(answerMsMax) }).catch(
      (cause: unknown) => {
        throw new ProblemError(502, 'no_answer', `${service} does not answer`, {}, { cause });
      },
    );
    const content = (await answer.json().catch(() => ({}))) as Answer & Problem;
    if (answer.ok) return content;
    const title = [content.title ?? `${service} answered ${answer.status}`, content.detail]
      .filter(Boolean)
      .join(': ');
    throw new ProblemError(answer.status, content.code ?? 'refused', title);
  }
}

function noneIfAbsent(error: unknown): readonly never[] {
  if (error instanceof ProblemError && error.problem.status === 404) return [];
  throw error;
}
