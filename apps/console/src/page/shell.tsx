import { useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import type { Overview, OverviewState } from '../api/overview.ts';
import { useLive } from '../kit/live.ts';
import { address } from '../kit/router.ts';
import { session, signInWanted } from '../kit/session.ts';
import { Empty } from '../kit/states.tsx';
import { count } from '../kit/words.ts';
import { placesFor, viewOf } from './routes.tsx';
import { SignIn } from './sign-in.tsx';
import { ThemeSwitch } from '../kit/theme.tsx';

/** The frame of every page: the navigation with the number of faults, and the page. */
export function Shell() {
  const overview = useLive<OverviewState>('/api/overview/live');
  const path = address.value.pathname;
  const view = viewOf(path, overview.value);
  useSignalEffect(() => {
    const found = viewOf(address.value.pathname, overview.peek());
    document.title = `${found?.title ?? 'Nothing here'} – Millrace`;
  });
  useEffect(() => {
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [path]);
  if (signInWanted.value) return <SignIn />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <nav aria-label="pages">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="24" height="24" />
          Millrace
        </a>
        <ul>
          {placesFor(session.value).map(({ path: target, name, apart, bad }) => (
            <li key={target} class={apart && 'apart'}>
              <a href={target} aria-current={isAt(path, target) ? 'page' : undefined}>
                {name}
                <Count overview={overview.value.state} bad={bad} />
              </a>
            </li>
          ))}
        </ul>
        <footer>
          {session.value?.readOnly === true && <span class="badge">read-only</span>}
          <ThemeSwitch />
        </footer>
      </nav>
      <main id="main" tabIndex={-1}>
        {view === undefined ? (
          <Empty title="There is no such page">
            <a href="/">Go to the overview</a>
          </Empty>
        ) : (
          <Guarded key={path}>{view.content}</Guarded>
        )}
      </main>
    </>
  );
}

/** Replaces a page that fails by the reason, so that the rest of the console keeps working. */
function Guarded({ children }: { readonly children: ComponentChildren }) {
  const [error, retry] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <div class="problem" role="alert">
      <p>This page has failed: {(error as Error).message}</p>
      <button type="button" onClick={retry}>
        Show it again
      </button>
    </div>
  );
}

const isAt = (path: string, target: string): boolean =>
  target === '/' ? path === '/' : path === target || path.startsWith(`${target}/`);

interface CountProps {
  readonly overview: OverviewState | undefined;
  readonly bad?: (overview: Overview) => number;
}

function Count({ overview, bad }: CountProps) {
  const found = overview?.services === undefined ? 0 : (bad?.(overview as Overview) ?? 0);
  return found === 0 ? null : <span class="badge failed">{count(found)}</span>;
}
