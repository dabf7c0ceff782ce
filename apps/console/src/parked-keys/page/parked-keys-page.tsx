import type { ParkedKey } from '../../api/lists.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import type { Signed } from '../../kit/act-dialog.tsx';
import { Acts, type Act } from '../../kit/acts.tsx';
import { now, Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { postJson } from '../../kit/session.ts';
import { ShowMore, shownLimit } from '../../kit/show-more.tsx';
import { Empty, Facts, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { count } from '../../kit/words.ts';
import { whatHappensNext } from './parked-model.ts';

/** The keys of all services whose messages wait for one that fails. */
export function ParkedKeysPage() {
  const live = useLive<FirstOfAll<ParkedKey>>(`/api/parked-keys/live?limit=${shownLimit()}`).value;
  return (
    <LivePage title="Parked keys" live={live}>
      {({ items, mayHaveMore, missing }) => (
        <>
          <Missing sentences={missing} />
          <Panel
            title={`${count(items.length)}${mayHaveMore ? ' and more' : ''} parked`}
            aside="each with the message that fails; other keys go on"
          >
            <ParkedKeys keys={items} />
            <ShowMore mayHaveMore={mayHaveMore} />
          </Panel>
        </>
      )}
    </LivePage>
  );
}

const ParkedKeys = ({ keys }: { readonly keys: readonly ParkedKey[] }) =>
  keys.length === 0 ? (
    <Empty title="No key is parked">
      A message that fails again and again would appear here, with those of its key that wait behind it.
    </Empty>
  ) : (
    <ul class="parked-keys">
      {keys.map((parked) => (
        <Parked key={`${parked.service} ${parked.position}`} parked={parked} />
      ))}
    </ul>
  );

function Parked({ parked }: { readonly parked: ParkedKey }) {
  const { service, group, parkedAt } = parked;
  return (
    <li>
      <header>
        <h3 class="mono">{parked.key}</h3>
        <Status of={parkedAt === null ? 'given_up' : 'parked'} />
        <Acts acts={actsOn(parked)} />
      </header>
      <p>{whatHappensNext(parked, now.value)}</p>
      <p class="error mono">{parked.lastError ?? 'No attempt has failed yet.'}</p>
      <Facts
        of={{
          Service: group === service ? service : `${service}, group ${group}`,
          Message: parked.type ?? 'no type',
          Place: `${parked.topic}/${parked.partition}@${parked.offset}`,
          Attempts: count(parked.attempts),
          Parked: <Time at={parkedAt} />,
          'Message id': parked.messageId,
        }}
      />
    </li>
  );
}

function actsOn({ service, position, parkedAt }: ParkedKey): readonly Act[] {
  const ask = (act: string) => (order: Signed) =>
    postJson('/api/acts', { service, path: pathTo('ops', 'parked-keys', position, act), order });
  const retry: Act = {
    name: 'Retry now',
    title: 'Retry this message now',
    explanation:
      'The process that owns the partition tries the message within seconds, instead of after its pause.',
    act: ask('retry'),
  };
  const giveUp: Act = {
    name: 'Give up',
    title: 'Give this message up',
    explanation:
      'The next attempt, which is due within five minutes, is the last one. If it fails, the message becomes a dead letter, and the rest of its key goes on.',
    act: ask('give-up'),
  };
  return parkedAt === null ? [retry] : [retry, giveUp];
}
