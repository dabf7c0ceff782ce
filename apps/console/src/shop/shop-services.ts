import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { httpRequest, jsonIn } from '@millrace/operations/client';
import { notFound, ProblemError } from '@millrace/service-chassis/app';
import type { AccountView, FulfillmentView, MailView, OrderView, ProductView, ReturnView } from './views.ts';
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

  async products(): Promise<readonly ProductView[]> {
    return (await this.ask<{ items: ProductView[] }>('inventory', '/products?limit=20')).items;
  }

  async orders(): Promise<readonly OrderView[]> {
    return (await this.ask<{ items: OrderView[] }>('order', `/orders?limit=${ordersShown}`)).items;
  }

  /** Returns the opened accounts of the sample's customers. */
  async accounts(): Promise<readonly AccountView[]> {
    const accountOf = (customerId: string) =>
      this.ask<AccountView>('payment', `/accounts/${customerId}`).then((one) => [one], noneIfAbsent);
    return (await Promise.all(['ada', 'bob'].map(accountOf))).flat();
  }

  order(orderId: string): Promise<OrderView> {
    return this.ask('order', `/orders/${orderId}`);
  }

  /** Resolves to null for an order without a return. */
  async orderReturn(orderId: string): Promise<ReturnView | null> {
    const found = this.ask<ReturnView>('order', `/orders/${orderId}/return`);
    return (await found.then((one) => [one], noneIfAbsent))[0] ?? null;
  }

  /** Resolves to null until the fulfillment of the order has started. */
  async fulfillment(orderId: string): Promise<FulfillmentView | null> {
    const found = this.ask<FulfillmentView>('order', `/sagas/${orderId}`);
    return (await found.then((one) => [one], noneIfAbsent))[0] ?? null;
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
    if (url === undefined) throw notFound('no_shop', `This system has no sample shop: ${service} is missing`);
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const answer = await httpRequest(`${url}${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body), headers }),
      answerMsMax,
    }).catch((cause: unknown) => {
      throw new ProblemError(502, 'no_answer', `${service} does not answer`, {}, { cause });
    });
    const content = (jsonIn(answer) ?? {}) as Answer & Problem;
    if (answer.ok) return content;
    const { title = `${service} answered ${answer.status}`, detail, code = 'refused' } = content;
    throw new ProblemError(answer.status, code, detail === undefined ? title : `${title}: ${detail}`);
  }
}

function noneIfAbsent(error: unknown): readonly never[] {
  if (error instanceof ProblemError && error.problem.status === 404) return [];
  throw error;
}
