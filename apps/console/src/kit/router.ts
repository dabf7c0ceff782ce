import { computed, signal } from '@preact/signals';

const here = signal(new URL(window.location.href));

/** The address of the page, which is all of its state: what is shown, filtered and selected. */
export const address = computed(() => here.value);

/** Shows another address. With `replace`, the history has no entry for the present one. */
export function go(target: string, { replace = false } = {}): void {
  const url = new URL(target, here.value);
  if (url.origin !== here.value.origin) return;
  if (url.href !== here.value.href) window.history[replace ? 'replaceState' : 'pushState'](null, '', url);
  const samePage = url.pathname === here.value.pathname;
  here.value = url;
  if (url.hash !== '') document.getElementById(url.hash.slice(1))?.scrollIntoView();
  else if (!samePage) window.scrollTo(0, 0);
}

/** Changes fields of the query and keeps the others. An empty value removes its field. */
export function setQuery(fields: Readonly<Record<string, string | undefined>>): void {
  go(withQuery(fields), { replace: true });
}

export function withQuery(fields: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(here.value);
  for (const [name, value] of Object.entries(fields))
    if (value === undefined || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  return url.pathname + url.search;
}

export const queryOf = (name: string): string => here.value.searchParams.get(name) ?? '';

/** Follows links within the console without reloading it, and the browser's history. */
export function followLinks(): void {
  window.addEventListener('popstate', () => (here.value = new URL(window.location.href)));
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest('a');
    const target = link?.getAttribute('href');
    if (target == null || !target.startsWith('/') || link?.getAttribute('target') != null) return;
    event.preventDefault();
    go(target);
  });
}
