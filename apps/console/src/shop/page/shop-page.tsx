import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { OrderView, Scenario, ShopView } from '../views.ts';
import { Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { go } from '../../kit/router.ts';
import { getJson, postJson } from '../../kit/session.ts';
import { Empty, Freshness, Loading, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, words } from '../../kit/words.ts';
import { money } from './money.ts';

const scenarios = signal<readonly Scenario[]>([]);

/** A shop in which a visitor places orders, to see on the next page what happens inside. */
export function ShopPage() {
  const live = useLive<ShopView>('/api/shop/live');
  const problem = useSignal('');
  const placing = useSignal('');
  useEffect(() => {
    getJson<{ items: Scenario[] }>('/api/shop/scenarios').then(
      ({ items }) => (scenarios.value = items),
      (error: Error) => (problem.value = error.message),
    );
  }, []);
  const place = async (scenario: string) => {
    placing.value = scenario;
    problem.value = '';
    try {
      const { orderId } = await postJson<{ orderId: string }>('/api/shop/orders', { scenario });
      go(`/shop/${orderId}`);
    } catch (error) {
      problem.value = (error as Error).message;
    } finally {
      placing.value = '';
    }
  };
  const { products, accounts, orders } = live.value.state ?? {};
  return (
    <>
      <h1>Shop</h1>
      <p class="quiet lead">
        Place an order and watch what it sets off: each event, each message, the saga and the mail.
      </p>
      <Freshness live={live.value} />
      {problem.value !== '' && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <ul class="scenarios" aria-label="sample orders">
        {scenarios.value.map(({ id, name, story }) => (
          <li key={id}>
            <h2>{name}</h2>
            <p class="quiet">{story}</p>
            <ActButton onClick={() => void place(id)} disabled={placing.value !== ''}>
              {placing.value === id ? 'Placing it …' : 'Place this order'}
            </ActButton>
          </li>
        ))}
      </ul>
      <Panel title="The newest orders">
        {orders === undefined ? (
          <Loading rows={6} />
        ) : orders.length === 0 ? (
          <Empty title="Nobody has ordered yet" />
        ) : (
          <Table label="orders" columns={orderColumns} rows={orders} keyOf={({ orderId }) => orderId} />
        )}
      </Panel>
      <div class="columns">
        <Panel title="Stock" aside="a read model of inventory">
          {products === undefined ? (
            <Loading />
          ) : products.length === 0 ? (
            <Empty title="The shop is empty">
              npm start stocks it with samples, unless it has the option --no-samples.
            </Empty>
          ) : (
            <Table label="stock" columns={productColumns} rows={products} keyOf={({ sku }) => sku} />
          )}
        </Panel>
        <Panel title="Accounts" aside="a read model of payment">
          {accounts === undefined ? (
            <Loading />
          ) : accounts.length === 0 ? (
            <Empty title="No sample account was opened" />
          ) : (
            <Table
              label="accounts"
              columns={accountColumns}
              rows={accounts}
              keyOf={({ customerId }) => customerId}
            />
          )}
        </Panel>
      </div>
    </>
  );
}

const orderColumns: readonly Column<OrderView>[] = [
  {
    name: 'Order',
    cell: ({ orderId }) => (
      <a class="mono" href={`/shop/${orderId}`}>
        {orderId.slice(-8)}
      </a>
    ),
  },
  { name: 'Customer', cell: ({ customerId }) => customerId },
  { name: 'Status', cell: ({ status }) => <Status of={status} /> },
  {
    name: 'Reason',
    cell: ({ reason }) => (reason === undefined ? <span class="quiet">–</span> : words(reason)),
  },
  { name: 'Total', numeric: true, cell: ({ total }) => money(total) },
  { name: 'Placed', numeric: true, cell: ({ placedAt }) => <Time at={placedAt} /> },
];

const productColumns: readonly Column<ShopView['products'][number]>[] = [
  { name: 'Product', cell: ({ name }) => name },
  { name: 'Price', numeric: true, cell: ({ price }) => money(price) },
  { name: 'On hand', numeric: true, cell: ({ onHand }) => count(onHand) },
  { name: 'Reserved', numeric: true, cell: ({ reserved }) => count(reserved) },
];

const accountColumns: readonly Column<ShopView['accounts'][number]>[] = [
  { name: 'Account', cell: ({ customerId }) => customerId },
  { name: 'Balance', numeric: true, cell: ({ balance }) => money(balance) },
];
