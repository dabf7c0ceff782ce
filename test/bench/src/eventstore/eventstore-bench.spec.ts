import { describe, expect, it } from '@jest/globals';
import { renderPage, type EventstoreNumbers } from './page.ts';

const facts = {
  machine: 'two cores',
  date: '2026-11-23',
  load: 0.1,
  command: 'npm run bench -- eventstore',
  events: 400_000,
};
const numbers: EventstoreNumbers = {
  appends: [
    { events: 1, count: 1, perSecond: { own: 2_100, Emmett: 1_000, pgbench: 2_500 } },
    { events: 1, count: 16, perSecond: { own: 5_900, Emmett: 3_000 } },
    { events: 10, count: 64, perSecond: { own: 100, Emmett: 2_000 } },
  ],
  loads: [['cold load without a snapshot', '7000']],
  reader: 61_388,
  rebuild: 99_999,
  messages: { relayed: 20_000, perSecond: 200, p50Ms: 10, p99Ms: 30 },
};

describe('the bench of the event store', () => {
  it('says which goals are met and which are missed', () => {
    const page = renderPage(numbers, facts);
    expect(page).toContain('| 1 event, 1 writer, own | >= 2x Emmett | 2.10x | met |');
    expect(page).toContain('| 1 event, 16 writers, own | >= 2x Emmett | 1.97x | **missed** |');
    expect(page).toContain('| rebuild, events/s | >= 100,000 | 99,999 | **missed** |');
    expect(page).toContain('| relay, messages/s | >= 20,000 | 20,000 | met |');
    expect(page).toContain('| commit to handler, p50 | < 10 ms | 10 ms | **missed** |');
  });

  it('has no goals for ten events or without Emmett', () => {
    expect(renderPage(numbers, facts)).not.toContain('10 events, 64 writers, own');
    const alone = numbers.appends.map(({ perSecond: { own }, ...load }) => ({ ...load, perSecond: { own } }));
    const page = renderPage({ ...numbers, appends: alone }, facts);
    expect(page).not.toContain('x Emmett |');
    expect(page).toContain('| 10 events, 64 writers | 100 | - | - |');
  });
});
