import { signal } from '@preact/signals';
import { ago } from './words.ts';

/** The present second. Every display of a relative time follows it. */
export const now = signal(Date.now());
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1_000);

/** A relative time, with the exact time on hover. */
export function Time({ at }: { readonly at: string | null | undefined }) {
  if (at == null) return <span class="quiet">–</span>;
  return (
    <time dateTime={at} title={at}>
      {ago(Date.parse(at), now.value)}
    </time>
  );
}
