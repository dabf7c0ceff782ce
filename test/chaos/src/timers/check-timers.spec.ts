import { describe, expect, it } from '@jest/globals';
import { checkTimers, timerFigures } from './check-timers.ts';
import { boundMs } from './deadline.ts';
import type { TimerHistory } from './history.ts';

const endMs = 60_000;
const place = 'inventory-events/3';

/** Samples of the log every 100 ms; `growth` has the ends of the replies' topic over time. */
const samplesOf = (growth: readonly (readonly [fromMs: number, end: number])[]): TimerHistory['samples'] =>
  Array.from({ length: endMs / 100 }, (_, index) => {
    const fromMs = index * 100;
    const end = growth.findLast(([atMs]) => atMs <= fromMs)?.[1] ?? 0;
    return { fromMs, toMs: fromMs + 10, ends: new Map([[place, end]]) };
  });

const taken = (atMs: number, epoch: number) => ({
  topic: 'order-events',
  partition: 3,
  epoch,
  nextOffset: 0,
  atMs,
});
const committed = (atMs: number, nextOffset: number) => ({
  topic: 'inventory-events',
  partition: 3,
  epoch: 1,
  nextOffset,
  atMs,
});

const timer = { token: 'reserve-7:1', sagaId: '7', step: 'reserve', awaits: 'reserve-7', partition: 3 };
const due = (dueMs: number, atMs = 0) => ({ ...timer, dueMs, atMs });
const over = (atMs: number) => ({ ...timer, dueMs: undefined, atMs });

const calm: TimerHistory = {
  topics: ['order-events', 'inventory-events'],
  timers: [due(10_000), over(10_050)],
  offsets: [taken(0, 1)],
  samples: samplesOf([]),
  replies: [],
  fired: new Set([timer.token]),
  outages: [],
  ownerFaultsMs: [],
};

const kindsOf = (history: Partial<TimerHistory>) =>
  checkTimers({ ...calm, ...history }, endMs).map(({ kind }) => kind);

describe('the check of the timers', () => {
  it('accepts a timer that fires soon after it came due', () => {
    expect(kindsOf({})).toEqual([]);
    expect(timerFigures(calm, endMs)).toEqual({
      fired: 1,
      moved: 0,
      medianMs: 50,
      worstMs: 50,
      worstOnceReadyMs: 50,
    });
  });

  it('K12 names the order, the timer and the times of a timer that fires after the bound', () => {
    expect(checkTimers({ ...calm, timers: [due(10_000), over(10_600 + boundMs)] }, endMs)).toEqual([
      {
        kind: 'timer_late',
        subject: 'order 7',
        detail:
          'timer reserve-7:1 of step reserve: it came due at 00:00:10.000; counted from 00:00:10.000, its deadline was 00:00:12.000, and it ended at 00:00:12.600 (fired)',
      },
    ]);
  });

  it('K12 reports a timer that is late even though its reply arrives in the end', () => {
    expect(kindsOf({ timers: [due(10_000), over(20_000)], fired: new Set() })).toEqual(['timer_late']);
  });

  it('K12 reports a timer that never fires', () => {
    expect(kindsOf({ timers: [due(10_000)] })).toEqual(['timer_late', 'timer_left']);
  });

  it('waits until the owner has handled what was on the log when the timer came due', () => {
    const backlog = { samples: samplesOf([[9_000, 5]]), timers: [due(10_000), over(31_000)] };

    expect(kindsOf({ ...backlog, offsets: [taken(0, 1), committed(30_000, 5)] })).toEqual([]);
    expect(kindsOf({ ...backlog, offsets: [taken(0, 1), committed(11_000, 5)] })).toEqual(['timer_late']);
  });

  it('counts from the moment at which the partition has a live owner', () => {
    const replaced = { offsets: [taken(0, 1), taken(19_000, 2)], ownerFaultsMs: [9_000] };

    expect(kindsOf({ ...replaced, timers: [due(10_000), over(20_000)] })).toEqual([]);
    expect(kindsOf({ ...replaced, timers: [due(10_000), over(22_000)] })).toEqual(['timer_late']);
  });

  it('K12 blames an owner that was alive long enough before another one took the partition', () => {
    const handedOver = { offsets: [taken(0, 1), taken(30_000, 2)], timers: [due(10_000), over(30_500)] };

    expect(kindsOf(handedOver)).toEqual(['timer_late']);
    expect(kindsOf({ ...handedOver, ownerFaultsMs: [11_000] })).toEqual([]);
  });

  it('starts the count again after an outage of the log or the database', () => {
    const outage = { outages: [{ fromMs: 11_000, toMs: 15_000 }] };

    expect(kindsOf({ ...outage, timers: [due(10_000), over(16_500)] })).toEqual([]);
    expect(kindsOf({ ...outage, timers: [due(10_000), over(17_600)] })).toEqual(['timer_late']);
  });

  it('K12 reports a timer that overtakes a reply that was on the log when it came due', () => {
    const answered = {
      samples: samplesOf([[9_500, 1]]),
      offsets: [taken(0, 1), committed(10_100, 1)],
      timers: [due(10_000), over(10_050)],
      replies: [{ to: 'reserve-7', place, offset: 0 }],
    };

    expect(kindsOf(answered)).toEqual(['timer_overtook_reply']);
    expect(kindsOf({ ...answered, samples: samplesOf([[10_020, 1]]) })).toEqual([]);
    expect(kindsOf({ ...answered, fired: new Set() })).toEqual([]);
  });

  it('K12 reports a move although the partition kept its owner and there was no outage', () => {
    const moved = [due(30_000), due(32_500, 30_010), over(32_550)];

    expect(kindsOf({ timers: moved })).toEqual(['timer_moved']);
    expect(kindsOf({ timers: moved, offsets: [taken(0, 1), taken(29_900, 2)] })).toEqual([]);
    expect(kindsOf({ timers: moved, outages: [{ fromMs: 25_000, toMs: 29_000 }] })).toEqual([]);
  });
});
