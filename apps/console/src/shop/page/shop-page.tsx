import { useSignal } from '@preact/signals';
import type { AccountView, OrderView, ProductView, ShopView } from '../views.ts';
import { Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { go } from '../../kit/router.ts';
import { postJson } from '../../kit/session.ts';
import { Dash, LivePage, Missing, Panel, Problem } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, words } from '../../kit/words.ts';
import { money } from './money.ts';

/** A shop in which a visitor places orders. The next page shows what happens inside the system. */
export function ShopPage() {
  const live = useLive<ShopView>('/api/shop/live').value;
  return (
    <LivePage title="Shop" live={live}>
      {({ scenarios, products, accounts, orders, missing }) => (
        <>
          <p class="quiet lead">
            Place an order and watch what it sets off: each event, each message, the saga and the mail. Begin
            with the first. The others show what the system does when something goes wrong.
          </p>
          <Missing sentences={missing} />
          <Scenarios scenarios={scenarios} />
          <Panel title="The newest orders">
            <Table
              label="orders"
              columns={orderColumns}
              rows={orders}
              keyOf={({ orderId }) => orderId}
              empty="Nobody has ordered yet"
            />
          </Panel>
          <div class="columns">
            <Panel title="Stock" aside="a read model of inventory">
              <Table
                label="stock"
                columns={productColumns}
                rows={products}
                keyOf={({ sku }) => sku}
                empty="The shop is empty"
              >
                npm start stocks it with samples, unless it has the option --no-samples.
              </Table>
            </Panel>
            <Panel title="Accounts" aside="a read model of payment">
              <Table
                label="accounts"
                columns={accountColumns}
                rows={accounts}
                keyOf={({ customerId }) => customerId}
                empty="No sample account was opened"
              />
            </Panel>
          </div>
        </>
      )}
    </LivePage>
  );
}

function Scenarios({ scenarios }: Pick<ShopView, 'scenarios'>) {
  const problem = useSignal('');
  const placing = useSignal('');
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
  return (
    <>
      <Problem says={problem.value} />
      <ul class="scenarios" aria-label="sample orders">
        {scenarios.map(({ id, name, story }) => (
          <li key={id}>
            <h2>{name}</h2>
            <p class="quiet">{story}</p>
            <ActButton onClick={() => void place(id)} disabled={placing.value !== ''}>
              {placing.value === id ? 'Placing it …' : 'Place this order'}
            </ActButton>
          </li>
        ))}
      </ul>
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
    cell: ({ reason }) => (reason === undefined ? <Dash /> : words(reason)),
  },
  { name: 'Total', numeric: true, cell: ({ total }) => money(total) },
  { name: 'Placed', numeric: true, cell: ({ placedAt }) => <Time at={placedAt} /> },
];

const productColumns: readonly Column<ProductView>[] = [
  { name: 'Product', cell: ({ name }) => name },
  { name: 'Price', numeric: true, cell: ({ price }) => money(price) },
  { name: 'On hand', numeric: true, cell: ({ onHand }) => count(onHand) },
  { name: 'Reserved', numeric: true, cell: ({ reserved }) => count(reserved) },
];

const accountColumns: readonly Column<AccountView>[] = [
  { name: 'Account', cell: ({ customerId }) => customerId },
  { name: 'Balance', numeric: true, cell: ({ balance }) => money(balance) },
];
