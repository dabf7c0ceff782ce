import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  inventoryCommands,
  inventoryEvents,
  notificationCommands,
  notificationEvents,
  orderCommands,
  orderEvents,
  paymentCommands,
  paymentEvents,
  productEvents,
  shippingCommands,
  shippingEvents,
} from '@millrace/contracts';
import { sagaMigrations } from '@millrace/saga';
import type { Message, Topic } from '@millrace/streaming-core/contract';
import {
  openTestService,
  until,
  type PublishedMessage,
  type TestAnswer,
  type TestService,
} from '@millrace/testing/service';
import { settings } from './config.ts';
import { orderModule } from './order.module.ts';

/** The order service over HTTP and the log; the test plays inventory, payment and shipping. */
export interface OrderFixture extends TestService {
  /** Announces a product to the order service and returns its SKU. */
  product(amount: number, currency?: string): Promise<string>;
  order(fields: object): Promise<TestAnswer>;
  /** Places an order for a new product and returns its id. */
  placed(fields?: object): Promise<string>;
  /** Resolves with the order's command of this type once it is sent. */
  commanded(topic: Pick<Topic, 'declaration'>, type: string, orderId: string): Promise<PublishedMessage>;
  /** Waits for a command and sends the reply to it. */
  answer(
    command: { readonly topic: Pick<Topic, 'declaration'>; readonly type: string },
    reply: Reply,
  ): Promise<void>;
  view(orderId: string): Promise<TestAnswer['body']>;
  endsAs(orderId: string, status: string): Promise<TestAnswer['body']>;
  /** Waits until `order-events` has this many messages of the order, and returns all of them. */
  story(orderId: string, messages: number): Promise<readonly PublishedMessage[]>;
}

interface Reply {
  readonly topic: Pick<Topic, 'declaration'>;
  readonly message: Message & { readonly orderId: string };
}

export const address = {
  name: 'Ada Lovelace',
  street: '12 Secret Mill Lane',
  city: 'Hiddenham',
  postcode: '10115',
  country: 'DE',
};

const topics = [
  orderCommands,
  inventoryCommands,
  paymentCommands,
  shippingCommands,
  notificationCommands,
  orderEvents,
  inventoryEvents,
  paymentEvents,
  shippingEvents,
  notificationEvents,
  productEvents,
];

/** Opens the service with the additional settings in `env`. */
export async function openOrder(env: Readonly<Record<string, string>> = {}): Promise<OrderFixture> {
  const service = await openTestService({
    name: 'order',
    settings,
    module: orderModule,
    logSubject: 'orderId',
    folder: import.meta.dirname,
    libraries: [
      { library: 'saga', folder: sagaMigrations },
      { library: 'order-read', folder: join(import.meta.dirname, 'migrations/read') },
    ],
    topics,
    env,
  });
  const order = (fields: object) =>
    service.call('POST', '/orders', { customerId: 'ada', shippingAddress: address, ...fields });
  const view = async (orderId: string) => (await service.call('GET', `/orders/${orderId}`)).body;
  const commanded = async ({ declaration }: Pick<Topic, 'declaration'>, type: string, orderId: string) => {
    const sent = await until(
      async () =>
        (await service.published(declaration.name, orderId)).find(({ message }) => message.type === type),
      (command) => command !== undefined,
    );
    if (sent === undefined) throw new Error(`${type} was not sent`);
    return sent;
  };
  const product = async (amount: number, currency = 'EUR') => {
    const sku = `sku-${randomUUID().slice(0, 8)}`;
    const defined = productEvents.ProductDefined({ sku, name: 'Lamp', price: { amount, currency } });
    await service.send(productEvents, defined, { source: '/millrace/inventory' });
    await until(
      async () =>
        (await service.database.sql.query('SELECT 1 FROM product_price WHERE sku = $1', [sku])).rows,
      (rows) => rows.length === 1,
    );
    return sku;
  };
  return {
    ...service,
    order,
    view,
    commanded,
    product,
    async placed(fields = {}) {
      const { body } = await order({ lines: [{ sku: await product(12_50), quantity: 2 }], ...fields });
      return String(body.orderId);
    },
    async answer({ topic, type }, reply) {
      const { headers } = await commanded(topic, type, reply.message.orderId);
      await service.send(reply.topic, reply.message, {
        source: '/millrace/participant',
        causationId: headers.get('ce_id') ?? '',
      });
    },
    endsAs: (orderId, status) =>
      until(
        () => view(orderId),
        (body) => body.status === status,
      ),
    story: (orderId, messages) =>
      until(
        () => service.published('order-events', orderId),
        (story) => story.length >= messages,
      ),
  };
}
