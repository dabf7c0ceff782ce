import type { ComponentChildren } from 'preact';
import type { Live } from './follow.ts';
import { now } from './clock.tsx';
import { roughSpan } from './words.ts';

/** Shows that the page is out of date, and why. */
export function Freshness({ live: { failure, lost, heardAt } }: { readonly live: Live<unknown> }) {
  if (lost !== undefined)
    return (
      <Missing
        sentences={[`${lost}; what you see is ${roughSpan(Math.max(1_000, now.value - heardAt))} old`]}
      />
    );
  if (failure === null) return null;
  const since = roughSpan(Math.max(0, now.value - Date.parse(failure.since)));
  return <Missing sentences={[`${failure.reason} (for ${since}; what you see is from before)`]} />;
}

/** A placeholder for content that is still being read. */
export function Loading({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="loading">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

export const Empty = ({ title, children }: EmptyProps) => (
  <div class="empty">
    <strong>{title}</strong>
    {children}
  </div>
);

interface PanelProps {
  readonly id?: string;
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export const Panel = ({ id, title, aside, children }: PanelProps) => (
  <section class="panel" id={id} aria-label={title}>
    <header>
      <h2>{title}</h2>
      {aside !== undefined && <div class="aside">{aside}</div>}
    </header>
    {children}
  </section>
);

/** The sign for an absent value. */
export const Dash = () => <span class="quiet">–</span>;

/** Shows the server's refusal in its place. */
export const Problem = ({ says }: { readonly says: string | undefined }) =>
  says === undefined || says === '' ? null : (
    <p class="problem" role="alert">
      {says}
    </p>
  );

/** Names the services whose data is missing, and why. */
export const Missing = ({ sentences }: { readonly sentences: readonly string[] | undefined }) =>
  sentences?.map((sentence) => (
    <p key={sentence} class="stale" role="status">
      {sentence}
    </p>
  ));

interface FactsProps {
  /** Facts by their names. False and undefined ones are left out. */
  readonly of: Readonly<Record<string, ComponentChildren>>;
  readonly class?: string;
}

export const Facts = ({ of: facts, class: kind = 'facts' }: FactsProps) => (
  <dl class={kind}>
    {Object.entries(facts).map(
      ([name, fact]) =>
        fact !== undefined &&
        fact !== false && (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ),
    )}
  </dl>
);

interface LivePageProps<State> {
  readonly title: ComponentChildren;
  readonly live: Live<State>;
  /** Content beside the title. */
  readonly aside?: (state: State) => ComponentChildren;
  /** A link to show instead of a thing that cannot be shown. */
  readonly instead?: ComponentChildren;
  readonly children: (state: State) => ComponentChildren;
}

/** A page that follows one thing, and shows it once it was read. */
export const LivePage = <State,>({ title, live, aside, instead, children }: LivePageProps<State>) => (
  <>
    <header>
      <h1>{title}</h1>
      {live.state !== undefined && aside?.(live.state)}
    </header>
    <Freshness live={live} />
    {live.state !== undefined ? (
      children(live.state)
    ) : live.failure === null ? (
      <Loading rows={8} />
    ) : (
      <Empty title="This cannot be shown">{instead}</Empty>
    )}
  </>
);
