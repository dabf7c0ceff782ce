import { describe, expect, it } from '@jest/globals';
import { ganttOf, scaleOf, ticksShown } from './gantt-model.ts';

const second = (seconds: number): string => new Date(seconds * 1_000).toISOString();

const sent = (step: string, at: number, role = 'step') => ({
  type: 'CommandSent',
  at: second(at),
  step,
  role,
  commandId: `${role}-${step}`,
});
const answered = (type: string, step: string, at: number, more: object = {}) => ({
  type,
  at: second(at),
  step,
  commandId: `step-${step}`,
  ...more,
});

describe('the Gantt of a saga', () => {
  it('has a bar for each command, with its re-sends and how it ended', () => {
    const { bars } = ganttOf([
      sent('reserve', 1),
      answered('CommandAccepted', 'reserve', 2),
      sent('ship', 2),
      answered('CommandResent', 'ship', 5),
      answered('StepTimedOut', 'ship', 8),
      sent('reserve', 8, 'compensation'),
    ]);
    expect(bars.map(({ label, from, to, outcome, ticks }) => ({ label, from, to, outcome, ticks }))).toEqual([
      { label: 'reserve', from: 1_000, to: 2_000, outcome: 'accepted', ticks: [] },
      { label: 'ship', from: 2_000, to: 8_000, outcome: 'timed out', ticks: [5_000] },
      { label: 'undo reserve', from: 8_000, to: undefined, outcome: 'sent', ticks: [] },
    ]);
  });

  it('shows a wait until its message comes, and the moments of the whole saga', () => {
    const gantt = ganttOf([
      { type: 'SagaStarted', at: second(0) },
      { type: 'WaitStarted', at: second(1), wait: 'parcel', kind: 'wait' },
      { type: 'MessageReceived', at: second(9), wait: 'parcel' },
      { type: 'SagaCompleted', at: second(9) },
    ]);
    const { bars, marks } = gantt;
    expect(bars).toEqual([
      expect.objectContaining({ label: 'parcel', kind: 'wait', to: 9_000, outcome: 'received' }),
    ]);
    expect(marks.map(({ label }) => label)).toEqual(['started', 'completed']);
    expect(scaleOf(gantt, 20_000).to).toBe(9_000);
  });

  it('ends open bars at the present moment', () => {
    expect(scaleOf(ganttOf([sent('reserve', 1)]), 4_000)).toMatchObject({ from: 1_000, to: 4_000 });
    expect(scaleOf(ganttOf([]), 4_000)).toMatchObject({ from: 4_000, to: 4_001 });
  });

  it('is linear, unless one stretch without an event would hide the others', () => {
    const even = scaleOf(
      ganttOf([
        sent('a', 0),
        answered('CommandAccepted', 'a', 1),
        sent('b', 1),
        answered('CommandAccepted', 'b', 2),
      ]),
      0,
    );
    expect(even.compressed).toBe(false);
    expect(even.place(1_000)).toBe(0.5);

    const days = 14 * 86_400;
    const long = scaleOf(
      ganttOf([
        sent('a', 0),
        answered('CommandAccepted', 'a', 1),
        sent('b', days),
        answered('CommandAccepted', 'b', days + 1),
      ]),
      0,
    );
    expect(long.compressed).toBe(true);
    expect(long.place(0)).toBe(0);
    expect(long.place(1_000)).toBeCloseTo(0.35);
    expect(long.place(days * 1_000)).toBeCloseTo(0.65);
    expect(long.place((days + 1) * 1_000)).toBeCloseTo(1);
  });

  it('draws the time since the last event short if it would hide the others', () => {
    const events = [sent('a', 0), answered('CommandAccepted', 'a', 1), sent('b', 1)];
    const waiting = scaleOf(ganttOf(events), 86_400_000);
    expect(waiting.compressed).toBe(true);
    expect(waiting.place(1_000)).toBeCloseTo(0.7);
  });

  it('draws no more ticks on a bar than can be told apart', () => {
    const resent = Array.from({ length: 10_000 }, (_, index) => answered('CommandResent', 'a', index));
    const gantt = ganttOf([sent('a', 0), ...resent]);
    expect(gantt.bars[0]?.ticks).toHaveLength(10_000);
    expect(ticksShown(gantt.bars[0]!, scaleOf(gantt, 10_000_000)).length).toBeLessThanOrEqual(101);
  });
});
