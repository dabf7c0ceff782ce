import type { StackPlaces } from '../stack/spawn-stack.ts';
import { ask } from './http.ts';
import type { PlacedOrder } from './open-shop.ts';

export interface ReturnView {
  readonly status: string;
  readonly reason?: string;
  readonly refund: { readonly amount: number };
  readonly trackingNumber?: string;
}

/** What the customer, the operator and the returns desk do with the return of an order. */
export class CustomersReturn {
  readonly #url: string;
  readonly #parcelUrl: string;

  constructor({ urls }: Pick<StackPlaces, 'urls'>, { orderId }: Pick<PlacedOrder, 'orderId'>) {
    this.#url = `${urls.order}/orders/${orderId}/return`;
    this.#parcelUrl = `${urls.shipping}/shipments/${orderId}/return-parcel`;
  }

  view = (): Promise<ReturnView> => ask('GET', this.#url);
  isAsked = (
    lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>,
  ): Promise<ReturnView> => ask('POST', this.#url, { lines });
  isJudged = (decision: 'approve' | 'deny') => ask('POST', `${this.#url}/decision`, { decision });
  isWithdrawn = () => ask('POST', `${this.#url}/withdraw`);
  isScanned = () => ask('POST', this.#parcelUrl);
}
