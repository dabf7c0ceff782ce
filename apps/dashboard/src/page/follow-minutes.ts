import { signal } from '@preact/signals';
import { follow, nothingHeard } from '../../../console/src/kit/follow.ts';
import type { ShownMinute } from '../domain/page-view.ts';
import { minutesAfter, type MinutesMessage } from './minutes-model.ts';

type Minutes = readonly ShownMinute[];

/** The minutes that the page shows, and how fresh they are. */
export const live = signal(nothingHeard<Minutes>());

/** Follows the minutes for as long as the page is open. */
export const followMinutes = (url: string): void =>
  void follow<Minutes>({
    url,
    server: 'the dashboard',
    after(event, { state }, data) {
      const message = JSON.parse(data) as MinutesMessage;
      const before = event === 'snapshot' ? [] : state;
      return { state: before && minutesAfter(before, message), failure: message.stale };
    },
    apply: (change) => (live.value = { ...live.value, ...change(live.value) }),
  });
