import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { ShownSaga } from '../../api/sagas.ts';
import { Time } from '../../kit/clock.tsx';
import { IdLink, Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { words } from '../../kit/words.ts';
import { DefinitionLink } from './definition-page.tsx';
import { withLatest } from './history-model.ts';
import { SagaActs } from './saga-acts.tsx';
import { SagaGantt } from './saga-gantt.tsx';
import { EarlierEvents, SagaHistory } from './saga-history.tsx';

interface SagaName {
  readonly service: string;
  readonly definition: string;
  readonly id: string;
}

const isLive = ({ status }: ShownSaga['saga']): boolean => status !== 'completed' && status !== 'compensated';

/**
 * One saga: its state, why it waits, its commands over time, an operator's actions, and its
 * history.
 */
export function SagaPage({ service, definition, id }: SagaName) {
  const live = useLive<ShownSaga>(pathTo('api', 'sagas', 'live', service, definition, id)).value;
  return (
    <LivePage
      title={<Trail from={['/sagas', 'Sagas']} here={definition} id={id} />}
      live={live}
      aside={({ saga }) => <Status of={saga.paused ? 'paused' : saga.status} />}
      instead={<a href="/sagas?state=all">Show all sagas</a>}
    >
      {(shown) => <Saga shown={shown} />}
    </LivePage>
  );
}

function Saga({ shown }: { readonly shown: ShownSaga }) {
  const { saga, events, service } = shown;
  const history = useSignal(withLatest(undefined, events, saga.streamVersion));
  useMemo(
    () => (history.value = withLatest(history.peek(), events, saga.streamVersion)),
    [events, saga.streamVersion],
  );
  return (
    <>
      <Panel
        title={isLive(saga) ? 'Why it waits' : 'How it ended'}
        aside={<SagaActs service={service} saga={saga} />}
      >
        <div class="body">
          <Holds saga={saga} />
          <Waits saga={saga} />
          <Facts
            of={{
              Definition: <DefinitionLink service={service} name={saga.definition} version={saga.version} />,
              Started: <Time at={saga.startedAt} />,
              Reason: saga.reason && words(saga.reason),
              'Correlation id': <IdLink href={pathTo('trace', saga.correlationId)} id={saga.correlationId} />,
              ...saga.branches,
            }}
          />
        </div>
      </Panel>
      <Panel title="Commands and waits over time" aside="hatched: a wait; ticks: the command was sent again">
        <SagaGantt events={history.value.events} live={isLive(saga)} />
        <EarlierEvents shown={shown} history={history} />
      </Panel>
      <SagaHistory history={history.value} startedAt={saga.startedAt} />
    </>
  );
}

/** A service of the release before does not name the holds yet. */
function Holds({ saga: { holds = [] } }: { readonly saga: ShownSaga['saga'] }) {
  return holds.map(({ kind, name, actor, heldAt, reason }) => (
    <p key={`${kind} ${name}`}>
      <strong>
        {actor} holds {kind === 'definition' ? `every saga of ${name}` : `the commands on ${name}`} back
      </strong>{' '}
      <Time at={heldAt} />: {reason}. Release it on the page of the definition.
    </p>
  ));
}

function Waits({ saga }: { readonly saga: ShownSaga['saga'] }) {
  if (saga.paused !== undefined)
    return (
      <p>
        <strong>{saga.paused.actor} has paused it</strong> <Time at={saga.paused.at} />: {saga.paused.reason}
      </p>
    );
  if (saga.waitsFor.length === 0)
    return (
      <p>
        {isLive(saga) ? 'It waits for nothing right now.' : `It has ${saga.status}; nothing is left to do.`}
      </p>
    );
  return (
    <ul class="waits">
      {saga.waitsFor.map(({ step, role, replies, until, why }) => (
        <li key={`${role} ${step}`}>
          <strong>
            {role === 'compensation' ? 'undo ' : ''}
            {step}
          </strong>{' '}
          {replies.length > 0 && <span>waits for {replies.join(' or ')}. </span>}
          {why}
          {until !== null && (
            <span class="quiet">
              {' '}
              (<Time at={until} />)
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
