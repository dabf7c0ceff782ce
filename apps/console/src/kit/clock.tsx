import { signal } from '@preact/signals';
import { ago } from './words.ts';

/** The present second. Everything that shows how long ago something was follows it. */
export const now = signal(Date.now());
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1_000);

/** How long ago, with the exact time on hover. */
export function Time({ at }: { readonly at: string | null | undefined }) {
  if (at == null) return <span class="quiet">–</span>;
  return (
    <time dateTime={at} title={at}>
      {ago(Date.parse(at), now.value)}
    </time>
  );
}
