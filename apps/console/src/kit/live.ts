import { signal, useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Shown } from '../api/shown.ts';
import { follow, nothingHeard, type Live } from './follow.ts';
import { session } from './session.ts';

/** Whether the page is visible. A hidden page follows nothing and costs nothing. */
const visible = signal(document.visibilityState === 'visible');
document.addEventListener('visibilitychange', () => {
  visible.value = document.visibilityState === 'visible';
});

/**
 * Follows the state at a path, or nothing without one. The connection is opened again with growing
 * pauses when it is lost, and the last state stays.
 */
export function useLive<State extends object>(path: string | undefined): ReadonlySignal<Live<State>> {
  const live = useSignal<Live<State>>(nothingHeard());
  const followed = useSignal(path);
  useMemo(() => {
    if (followed.peek() !== path) live.value = nothingHeard();
    followed.value = path;
  }, [path]);
  const wanted = useComputed(() =>
    visible.value && session.value !== undefined ? followed.value : undefined,
  );
  useSignalEffect(() => {
    const url = wanted.value;
    if (url === undefined) return undefined;
    return follow<State>({
      url,
      server: 'the console',
      after: (event, before, text) =>
        withParts(event === 'snapshot' ? { ...before, state: undefined } : before, text),
      apply: (change) => (live.value = { ...live.peek(), ...change(live.peek()) }),
    });
  });
  return live;
}

/** Replaces the parts of the state that have changed. */
function withParts<State>(before: Live<State>, text: string): Partial<Live<State>> {
  const { failure = before.failure, ...parts } = JSON.parse(text) as Partial<Shown<State>>;
  if (Object.keys(parts).length === 0) return { failure };
  return { failure, state: { ...before.state, ...parts } as State };
}
