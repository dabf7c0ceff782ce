import { useSignal } from '@preact/signals';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson } from '../../kit/session.ts';
import { Panel } from '../../kit/states.tsx';
import { many } from '../../kit/words.ts';

const orders = [
  ...Array<string>(10).fill('completed'),
  ...Array<string>(5).fill('declined'),
  ...Array<string>(5).fill('lost'),
];

/** Places orders at once, so that something is under way while parts are killed. */
export function ManyOrders() {
  const placing = useSignal(false);
  const outcome = useSignal('');
  const place = async () => {
    placing.value = true;
    const answers = await Promise.allSettled(
      orders.map((scenario) => postJson('/api/shop/orders', { scenario })),
    );
    const refusals = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as Error] : [],
    );
    const placed = `${many(orders.length - refusals.length, 'order')} placed`;
    outcome.value =
      refusals[0] === undefined ? placed : `${placed}, ${refusals.length} not: ${refusals[0].message}`;
    placing.value = false;
  };
  const button = (
    <>
      <span role="status">{outcome.value}</span>{' '}
      <ActButton onClick={() => void place()} disabled={placing.value}>
        {placing.value ? 'Placing them …' : `Place ${orders.length} orders`}
      </ActButton>
    </>
  );
  return (
    <Panel title="Orders to disturb" aside={button}>
      <p class="body">
        Half of them are paid at once. Of five the card is declined, and of five the answer of the payment
        provider is late. They are seen in the <a href="/shop">shop</a>.
      </p>
    </Panel>
  );
}
