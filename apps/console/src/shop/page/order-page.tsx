import type { FulfillmentView, MailView, OrderInside, StepView } from '../views.ts';
import { Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Loading, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { words } from '../../kit/words.ts';
import { SagaGantt } from '../../sagas/page/saga-gantt.tsx';
import { money } from './money.ts';
import { Sequence } from './sequence.tsx';

interface OrderPageProps {
  readonly orderId: string;
  readonly services: readonly string[];
}

/** Shows what happens inside the system for one order, while it happens. */
export function OrderPage({ orderId, services }: OrderPageProps) {
  const live = useLive<OrderInside>(pathTo('api', 'shop', 'orders', 'live', orderId)).value;
  const title = (
    <>
      <a href="/shop">Shop</a> / order <span class="mono">{orderId}</span>
    </>
  );
  return (
    <LivePage
      title={title}
      live={live}
      aside={({ order }) => <Status of={order.status} />}
      instead={<a href="/shop">Back to the shop</a>}
    >
      {(inside) => <Inside inside={inside} services={services} />}
    </LivePage>
  );
}

interface InsideProps {
  readonly inside: OrderInside;
  readonly services: readonly string[];
}

function Inside({ inside, services }: InsideProps) {
  const { order, orderReturn, fulfillment, sagas, correlations, trace, mails, missing } = inside;
  const isDirected = sagas.some(({ saga }) => saga.definition === fulfillment?.definition);
  return (
    <>
      <Missing sentences={missing} />
      <p class="lead">
        {order.customerId} orders {order.lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')}{' '}
        for {money(order.total)}, <Time at={order.placedAt} />
        {order.reason !== undefined && `; ${words(order.reason)}`}
        {orderReturn && `; its return is ${words(orderReturn.status)}`}.
        {inside.logsUrl !== undefined && (
          <>
            {' '}
            See its <a href={`${inside.logsUrl}/?orderId=${order.orderId}`}>log lines</a>.
          </>
        )}
      </p>
      <Panel
        title="What happens inside"
        aside={correlations.map((id) => (
          <a key={id} href={pathTo('trace', id)}>
            Whole trace{' '}
          </a>
        ))}
      >
        {trace.events.length === 0 ? <Loading rows={6} /> : <Sequence trace={trace} services={services} />}
      </Panel>
      {fulfillment && !isDirected && <Undirected fulfillment={fulfillment} />}
      {sagas.map((shown) => (
        <Panel
          key={shown.saga.definition}
          title={`Its saga ${shown.saga.definition}, step by step`}
          aside={
            <a href={pathTo('sagas', shown.service, shown.saga.definition, shown.saga.sagaId)}>
              Act on this saga
            </a>
          }
        >
          <SagaGantt events={shown.events} live={!['completed', 'compensated'].includes(shown.saga.status)} />
        </Panel>
      ))}
      <Panel
        title="Mails to the customer"
        aside="without addresses: the console has no keys to personal data"
      >
        <Table
          label="mails"
          columns={mailColumns}
          rows={mails}
          keyOf={({ kind }) => kind}
          empty="No mail was sent yet"
        />
      </Panel>
    </>
  );
}

/** The fulfillment of an order that no saga directs. */
function Undirected({ fulfillment: { definition, status, steps, waits, compensations } }: FulfillmentProps) {
  const rows = [...steps, ...compensations.map((step) => ({ ...step, name: `undo ${step.name}` }))];
  return (
    <Panel title={`Its ${definition}, step by step`} aside={<Status of={status} />}>
      <p class="quiet">
        No saga directs this order, and operators cannot act on it: each service reacts to the events of the
        others.
        {waits.length > 0 && ` It waits for ${waits.map(({ name }) => name).join(', ')}.`}
      </p>
      <Table
        label="steps"
        columns={stepColumns}
        rows={rows}
        keyOf={({ name }) => name}
        empty="No service has begun yet"
      />
    </Panel>
  );
}

interface FulfillmentProps {
  readonly fulfillment: FulfillmentView;
}

const stepColumns: readonly Column<StepView>[] = [
  { name: 'Step', wide: true, cell: ({ name }) => name },
  { name: 'Status', cell: ({ status }) => <Status of={status} /> },
  { name: 'Began', numeric: true, cell: ({ sentAt }) => <Time at={sentAt} /> },
  { name: 'Ended', numeric: true, cell: ({ repliedAt }) => <Time at={repliedAt} /> },
];

const mailColumns: readonly Column<MailView>[] = [
  { name: 'Subject', wide: true, cell: ({ subject }) => subject },
  { name: 'Status', cell: ({ status }) => <Status of={status} /> },
  { name: 'Sent', numeric: true, cell: ({ sentAt }) => <Time at={sentAt} /> },
];
