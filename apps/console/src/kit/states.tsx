import type { ComponentChildren } from 'preact';
import type { Shown } from '../api/shown.ts';
import type { Live } from './live.ts';
import { now } from './clock.tsx';
import { span } from './words.ts';

/** Says that what the page shows is not of now, and why. */
export function Freshness({ live }: { readonly live: Live<Shown<object>> }) {
  const { state, lost, heardAt } = live;
  if (lost !== undefined)
    return (
      <p class="stale" role="status">
        {lost}; what you see is {span(now.value - heardAt)} old
      </p>
    );
  const failure = state?.failure ?? null;
  if (failure === null) return null;
  return (
    <p class="stale" role="status">
      {failure.reason} (for {span(Math.max(0, now.value - Date.parse(failure.since)))}; what you see is from
      before)
    </p>
  );
}

/** Keeps the place of what is still being read. */
export function Loading({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="loading">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Panel({
  id,
  title,
  aside,
  children,
}: {
  readonly id?: string;
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="panel" id={id} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** Names the services of which nothing is shown, and why. */
export const Missing = ({ sentences }: { readonly sentences: readonly string[] | undefined }) =>
  sentences?.map((sentence) => (
    <p key={sentence} class="stale" role="status">
      {sentence}
    </p>
  ));

/** A fact with its name, within a `dl` of the class `facts`. */
export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Stands for a thing that was not read yet, or that cannot be shown. */
export function Absent({
  failure,
  what,
  list,
}: {
  readonly failure: Shown<object>['failure'] | undefined;
  /** Names the thing, such as `saga`. */
  readonly what: string;
  /** The page with all of them. */
  readonly list: string;
}) {
  if (failure == null) return <Loading rows={8} />;
  return (
    <Empty title={`The ${what} cannot be shown`}>
      <a href={list}>Show all {what}s</a>
    </Empty>
  );
}
