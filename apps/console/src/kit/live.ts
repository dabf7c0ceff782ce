import { signal, useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Failure, Shown } from '../api/shown.ts';
import { session } from './session.ts';

/** The state that a page follows, and how fresh it is. */
export interface Live<State> {
  /** The state; undefined until it was read. */
  readonly state: State | undefined;
  /** The reason why it could not be read lately. The state is then an earlier one. */
  readonly failure: Failure | null;
  /** The reason why the connection to the console is lost; undefined while it works. */
  readonly lost: string | undefined;
  /** The time of the server's last message, in Unix milliseconds. */
  readonly heardAt: number;
}

/** The server sends something at least every 15 s. */
const silenceMsMax = 40_000;
const retryMsMin = 500;
const retryMsMax = 10_000;

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
    return follow<State>(url, (change) => (live.value = { ...live.peek(), ...change(live.peek()) }));
  });
  return live;
}

const nothingHeard = () => ({ state: undefined, failure: null, lost: undefined, heardAt: Date.now() });

type Change<State> = (before: Live<State>) => Partial<Live<State>>;

/** Replaces the parts of the state that have changed. */
function withParts<State>(before: Live<State>, text: string): Partial<Live<State>> {
  const { failure = before.failure, ...parts } = JSON.parse(text) as Partial<Shown<State>>;
  if (Object.keys(parts).length === 0) return { failure };
  return { failure, state: { ...before.state, ...parts } as State };
}

function follow<State extends object>(url: string, apply: (change: Change<State>) => void): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = retryMsMin;

  const heard = (change: Change<State>) => {
    retryMs = retryMsMin;
    clearTimeout(timer);
    timer = setTimeout(() => lose('the console does not answer'), silenceMsMax);
    apply((before) => ({ ...change(before), lost: undefined, heardAt: Date.now() }));
  };
  const lose = (why: string) => {
    source?.close();
    clearTimeout(timer);
    apply(() => ({ lost: why }));
    timer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, retryMsMax);
  };
  const open = () => {
    source = new EventSource(url);
    source.addEventListener('snapshot', ({ data }) =>
      heard((before) => withParts({ ...before, state: undefined }, data as string)),
    );
    source.addEventListener('change', ({ data }) => heard((before) => withParts(before, data as string)));
    source.addEventListener('alive', () => heard(() => ({})));
    source.addEventListener('error', () => lose('the connection to the console is lost'));
  };
  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}
