import type { Failure } from '../api/shown.ts';

/** The state that a page follows, and how fresh it is. */
export interface Live<State> {
  /** The state; undefined until it was read. */
  readonly state: State | undefined;
  /** The reason why it could not be read lately. The state is then an earlier one. */
  readonly failure: Failure | null;
  /** The reason why the connection to the server is lost; undefined while it works. */
  readonly lost: string | undefined;
  /** The time of the server's last message, in Unix milliseconds. */
  readonly heardAt: number;
}

export const nothingHeard = <State>(): Live<State> => ({
  state: undefined,
  failure: null,
  lost: undefined,
  heardAt: Date.now(),
});

/** The server sends something at least every 15 s. */
const silenceMsMax = 40_000;
const retryMsMin = 500;
const retryMsMax = 10_000;

type Change<State> = (before: Live<State>) => Partial<Live<State>>;

interface Following<State> {
  readonly url: string;
  /** How the messages of the page name the server, such as `the console`. */
  readonly server: string;
  /** Returns the change that an event makes. A snapshot replaces the state. */
  readonly after: (event: 'snapshot' | 'change', before: Live<State>, data: string) => Partial<Live<State>>;
  readonly apply: (change: Change<State>) => void;
}

/** Follows a live answer, and opens it again with growing pauses when it is lost. Returns how to stop. */
export function follow<State>({ url, server, after, apply }: Following<State>): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = retryMsMin;

  const heard = (change: Change<State>) => {
    retryMs = retryMsMin;
    clearTimeout(timer);
    timer = setTimeout(() => lose(`${server} does not answer`), silenceMsMax);
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
    for (const event of ['snapshot', 'change'] as const)
      source.addEventListener(event, ({ data }) => heard((before) => after(event, before, data as string)));
    source.addEventListener('alive', () => heard(() => ({})));
    source.addEventListener('error', () => lose(`the connection to ${server} is lost`));
  };
  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}
