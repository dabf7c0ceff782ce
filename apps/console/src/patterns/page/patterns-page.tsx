import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ListedStream } from '../../api/event-streams.ts';
import type { Overview, OverviewState } from '../../api/overview.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import type { Live } from '../../kit/follow.ts';
import { useLive } from '../../kit/live.ts';
import { Empty, Freshness, Loading } from '../../kit/states.tsx';
import { linkOf, patternsIn, type Explanation } from './patterns-model.ts';
import pictures from './patterns.svg';

interface Pattern extends Partial<Explanation> {
  readonly name: string;
  readonly file: string;
}

/** The patterns, which are loaded when they are first shown. */
const patterns = signal<readonly Pattern[] | undefined>(undefined);

async function loadPatterns(): Promise<void> {
  const { default: page } = await import('../../../../../docs/PATTERNS.md');
  const { default: texts } = await import('./patterns.json');
  const explanations: Readonly<Record<string, Explanation>> = texts;
  patterns.value = patternsIn(page).map((one) => ({ ...one, ...explanations[one.name] }));
}

/** The patterns to begin with, each with a picture and the way to where it works now. */
export function PatternsPage({ live }: { readonly live: Live<OverviewState> }) {
  useEffect(() => void loadPatterns(), []);
  const streams = useLive<FirstOfAll<ListedStream>>('/api/event-streams/live?limit=1').value;
  const overview = live.state?.services && (live.state as Overview);
  return (
    <>
      <h1>Patterns</h1>
      <p class="quiet">What this system is built of. Each leads to its code, and to where it works now.</p>
      <Freshness live={live} />
      {patterns.value === undefined && <Loading rows={8} />}
      {patterns.value?.length === 0 && <Empty title="docs/PATTERNS.md names no patterns" />}
      <ul class="patterns">
        {patterns.value?.map(({ name, file, says, picture, shows, link, label }) => {
          const href = link && overview && linkOf({ link }, overview, streams.state?.items[0]);
          return (
            <li key={name} class="panel">
              {picture !== undefined && (
                <svg role="img" aria-label={shows} viewBox="0 0 240 132">
                  <use href={`${pictures}#${picture}`} />
                </svg>
              )}
              <h2>{name}</h2>
              <p>{says}</p>
              <p>
                {href === undefined ? (
                  <span class="quiet">Nothing runs that shows it</span>
                ) : (
                  <a href={href} target={href.startsWith('/') ? undefined : '_blank'} rel="noreferrer">
                    {label}
                  </a>
                )}
              </p>
              <code>{file}</code>
            </li>
          );
        })}
      </ul>
    </>
  );
}
