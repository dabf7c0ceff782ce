import type { ParkedKey } from '../../api/parked-keys.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import type { Signed } from '../../kit/act-dialog.tsx';
import { Acts, type Act } from '../../kit/acts.tsx';
import { now, Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { postJson } from '../../kit/session.ts';
import { ShowMore, shownLimit } from '../../kit/show-more.tsx';
import { Empty, Facts, Freshness, Loading, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { count } from '../../kit/words.ts';
import { whatHappensNext } from './parked-model.ts';

/** The keys of all services whose messages wait behind one that fails. */
export function ParkedKeysPage() {
  const live = useLive<FirstOfAll<ParkedKey>>(`/api/parked-keys/live?limit=${shownLimit()}`).value;
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
        <Acts acts={actsOn(parked)} />
      </header>
      <p>{whatHappensNext(parked, now.value)}</p>
      <p class="error mono">{lastError ?? 'No attempt has failed yet.'}</p>
      <Facts
        of={{
          Service: group === service ? service : `${service}, group ${group}`,
          Message: type ?? 'no type',
          Place: `${topic}/${partition}@${offset}`,
          Attempts: count(attempts),
          Parked: <Time at={parkedAt} />,
          'Message id': messageId,
        }}
      />
    </li>
  );
}

const actsOn = ({ service, position, parkedAt }: ParkedKey): readonly Act[] => {
  const ask = (act: string) => (signed: Signed) =>
    postJson(pathTo('api', 'parked-keys', service, position, act), signed);
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
};
