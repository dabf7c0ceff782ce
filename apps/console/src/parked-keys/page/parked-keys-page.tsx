import { useSignal } from '@preact/signals';
import type { ParkedKey } from '../../api/parked-keys.ts';
import type { FirstOfAll, Shown } from '../../api/shown.ts';
import { ActDialog } from '../../kit/act-dialog.tsx';
import { now, Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson } from '../../kit/session.ts';
import { ShowMore, shownLimit } from '../../kit/show-more.tsx';
import { Empty, Fact, Freshness, Loading, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { count } from '../../kit/words.ts';
import { whatHappensNext } from './parked-model.ts';

/** The keys of all services whose messages wait behind one that fails. */
export function ParkedKeysPage() {
  const live = useLive<Shown<FirstOfAll<ParkedKey>>>(`/api/parked-keys/live?limit=${shownLimit()}`).value;
  const { items, mayHaveMore, missing } = live.state ?? {};
  return (
    <>
      <h1>Parked keys</h1>
      <Freshness live={live} />
      <Missing sentences={missing} />
      <Panel
        title={
          items === undefined
            ? 'Parked keys'
            : `${count(items.length)}${mayHaveMore ? ' and more' : ''} parked`
        }
        aside="each with the message that fails; other keys go on"
      >
        {items === undefined ? (
          <Loading rows={6} />
        ) : items.length === 0 ? (
          <Empty title="No key is parked">
            A message that fails again and again would appear here, with those of its key that wait behind it.
          </Empty>
        ) : (
          <ul class="parked-keys">
            {items.map((parked) => (
              <Parked key={`${parked.service} ${parked.position}`} parked={parked} />
            ))}
          </ul>
        )}
        <ShowMore mayHaveMore={mayHaveMore} />
      </Panel>
    </>
  );
}

function Parked({ parked }: { readonly parked: ParkedKey }) {
  const { service, group, topic, partition, offset, key, type, messageId, attempts, parkedAt, lastError } =
    parked;
  return (
    <li>
      <header>
        <h3 class="mono">{key}</h3>
        <Status of={parkedAt === null ? 'given_up' : 'parked'} />
        <Acts parked={parked} />
      </header>
      <p>{whatHappensNext(parked, now.value)}</p>
      <p class="error mono">{lastError ?? 'No attempt has failed yet.'}</p>
      <dl class="facts">
        <Fact name="Service">{group === service ? service : `${service}, group ${group}`}</Fact>
        <Fact name="Message">{type ?? 'no type'}</Fact>
        <Fact name="Place">{`${topic}/${partition}@${offset}`}</Fact>
        <Fact name="Attempts">{count(attempts)}</Fact>
        <Fact name="Parked">{<Time at={parkedAt} />}</Fact>
        <Fact name="Message id">{messageId}</Fact>
      </dl>
    </li>
  );
}

type Act = 'retry' | 'give-up';

const acts: Readonly<Record<Act, { readonly name: string; readonly explanation: string }>> = {
  retry: {
    name: 'Retry now',
    explanation:
      'The process that owns the partition tries the message within seconds, instead of after its pause.',
  },
  'give-up': {
    name: 'Give up',
    explanation:
      'The next attempt, which is due within five minutes, is the last one. If it fails, the message becomes a dead letter, and the rest of its key goes on.',
  },
};

function Acts({ parked: { service, position, parkedAt } }: { readonly parked: ParkedKey }) {
  const chosen = useSignal<Act | undefined>(undefined);
  const act = chosen.value;
  return (
    <span class="buttons">
      <ActButton onClick={() => (chosen.value = 'retry')}>{acts.retry.name}</ActButton>
      {parkedAt !== null && (
        <ActButton onClick={() => (chosen.value = 'give-up')}>{acts['give-up'].name}</ActButton>
      )}
      {act !== undefined && (
        <ActDialog
          title={act === 'retry' ? 'Retry this message now' : 'Give this message up'}
          explanation={acts[act].explanation}
          confirm={acts[act].name}
          act={(signed) => postJson(pathTo('api', 'parked-keys', service, position, act), signed)}
          close={() => (chosen.value = undefined)}
        />
      )}
    </span>
  );
}
