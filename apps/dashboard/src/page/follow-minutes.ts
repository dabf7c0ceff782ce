import { signal } from '@preact/signals';
import type { Live } from '../../../console/src/kit/live.ts';
import type { ShownMinute } from '../domain/page-view.ts';
import { minutesAfter, type MinutesMessage } from './minutes-model.ts';

/** The minutes that the page shows, and how fresh they are. */
export const live = signal<Live<readonly ShownMinute[]>>({
  state: undefined,
  failure: null,
  lost: undefined,
  heardAt: Date.now(),
});

/** The server sends something at least every 15 s. */
const silenceMsMax = 40_000;
const retryMs = 1_000;

/** Follows the minutes for as long as the page is open. A lost connection is opened again. */
export function followMinutes(url: string): void {
  const source = new EventSource(url);
  let silence: ReturnType<typeof setTimeout>;
  const heard = (state: readonly ShownMinute[] | undefined) => {
    clearTimeout(silence);
    silence = setTimeout(lose, silenceMsMax);
    live.value = { state, failure: null, lost: undefined, heardAt: Date.now() };
  };
  const lose = () => {
    source.close();
    clearTimeout(silence);
    live.value = { ...live.value, lost: 'the connection is lost and is being reopened' };
    setTimeout(() => followMinutes(url), retryMs);
  };
  const after = (before: readonly ShownMinute[], data: unknown) =>
    heard(minutesAfter(before, JSON.parse(String(data)) as MinutesMessage));
  source.addEventListener('snapshot', ({ data }) => after([], data));
  source.addEventListener('change', ({ data }) => after(live.value.state ?? [], data));
  source.addEventListener('alive', () => heard(live.value.state));
  source.addEventListener('error', lose);
}
