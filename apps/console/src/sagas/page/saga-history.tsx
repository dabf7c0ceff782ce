import type { SagaView } from '@millrace/operations/contract';
import { useSignal, type Signal } from '@preact/signals';
import { earlierMax, type EventsBefore, type ShownSaga } from '../../api/sagas.ts';
import { JsonView } from '../../kit/json-view.tsx';
import { Lines, type Cells } from '../../kit/lines.tsx';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { getJson } from '../../kit/session.ts';
import { Panel } from '../../kit/states.tsx';
import { count, many, span } from '../../kit/words.ts';
import { earlierOf, withEarlier, type History } from './history-model.ts';

interface Row {
  readonly version: number;
  readonly event: SagaView['events'][number];
}

/**
 * The length at which a line of details is cut off. The whole line is shown when its event is
 * selected.
 */
const detailsMax = 200;

interface SagaHistoryProps {
  readonly history: History;
  readonly startedAt: string;
}

/** The events of a saga, as far as they were read, with the selected one in full. */
export function SagaHistory({ history, startedAt }: SagaHistoryProps) {
  const { first, events } = history;
  const chosen = events[Number(queryOf('event')) - first];
  const aside =
    first === 1
      ? many(events.length, 'event')
      : `events ${count(first)} to ${count(first + events.length - 1)}`;
  return (
    <Panel title="History" aside={aside}>
      <Lines
        label="history"
        kind="of-saga"
        rows={events.map((event, index): Row => ({ version: first + index, event }))}
        columns={columnsFrom(Date.parse(startedAt))}
        keyOf={({ version }) => String(version)}
        hrefOf={({ version }) => withQuery({ event: String(version) })}
        open={queryOf('event')}
      />
      {chosen !== undefined && <JsonView value={chosen} />}
    </Panel>
  );
}

const columnsFrom = (startedAt: number): Cells<Row> => [
  [
    'After',
    ({ event }) => (
      <time dateTime={event.at} title={event.at}>
        +{span(Date.parse(event.at) - startedAt)}
      </time>
    ),
  ],
  ['Event', ({ event }) => event.type],
  ['Step', ({ event }) => String(event['step'] ?? event['wait'] ?? event['branch'] ?? '–')],
  [
    'Details',
    ({ event: { type: _type, at: _at, step: _step, wait: _wait, branch: _branch, ...details } }) => (
      <code>{JSON.stringify(details).slice(0, detailsMax)}</code>
    ),
  ],
];

interface EarlierEventsProps {
  readonly shown: ShownSaga;
  readonly history: Signal<History>;
}

/** Reads events before the first one that is shown, on demand. */
export function EarlierEvents({ shown, history }: EarlierEventsProps) {
  const problem = useSignal('');
  const busy = useSignal(false);
  const left = earlierOf(history.value);
  if (left === 0) return null;
  const read = async () => {
    const { first } = history.value;
    const { service, saga } = shown;
    const path = pathTo('api', 'sagas', 'events', service, saga.definition, saga.sagaId);
    busy.value = true;
    problem.value = '';
    try {
      const { events } = await getJson<EventsBefore>(
        `${path}?before=${first}&limit=${Math.min(left, earlierMax)}`,
      );
      history.value = withEarlier(history.value, events, first);
    } catch (error) {
      problem.value = (error as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <p class="more">
      <button type="button" disabled={busy.value} onClick={() => void read()}>
        Show {count(Math.min(left, earlierMax))} earlier events
      </button>
      {problem.value !== '' && <span role="alert">{problem.value}</span>}
    </p>
  );
}
