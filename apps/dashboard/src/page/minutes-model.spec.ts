import { describe, expect, it } from '@jest/globals';
import { minutesAfter, totalsOf } from './minutes-model.ts';

const row = (minute: string, page_url: string, page_views: number, open = false) => ({
  window_start: `2024-01-15T${minute}:00.000Z`,
  page_url,
  page_views,
  unique_visitors: 1,
  open,
  late_views: 1,
});

describe('the minutes of the page', () => {
  it('take changes, lose rows that are gone, and show the newest minute and its busiest page first', () => {
    const before = minutesAfter([], {
      minutes: [row('10:00', '/home', 3), row('10:00', '/cart', 1)],
      gone: [],
    });
    const changed = [row('10:01', '/home', 1, true), row('10:00', '/cart', 4)];
    const after = minutesAfter(before, { minutes: changed, gone: [] });

    expect(after.map(({ page_url, page_views }) => `${page_url} ${page_views}`)).toEqual([
      '/home 1',
      '/cart 4',
      '/home 3',
    ]);
    expect(minutesAfter(after, { minutes: [], gone: [row('10:00', '/home', 0)] })).toHaveLength(2);
  });

  it('have totals, the oldest first, which are open as long as a page is', () => {
    const minutes = [row('10:01', '/home', 1, true), row('10:00', '/home', 3), row('10:00', '/cart', 1)];
    expect(totalsOf(minutes)).toEqual([
      { window_start: '2024-01-15T10:00:00.000Z', views: 4, late: 2, open: false },
      { window_start: '2024-01-15T10:01:00.000Z', views: 1, late: 1, open: true },
    ]);
  });
});
