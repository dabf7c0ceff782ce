import { describe, expect, it } from '@jest/globals';
import { hours, minutes, serdes, type SessionWindows, type Topology, type Windowed } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { activity, hopping, ordersPer, sliding, tumbling, userSessions } from './topologies/windows.ts';

const text = serdes.string;

describe('G34 windows', () => {
  it('puts 00:04:59.999 into the first tumbling window and 00:05:00.000 into the second', () => {
    expect(orders(ordersPer(tumbling), [minutes(5) - 1, minutes(5)])).toEqual(['0:00-0:05 1', '0:05-0:10 1']);
  });

  it('counts an order in each of the overlapping windows: every minute, and every 2 minutes', () => {
    expect(orders(ordersPer(hopping(1)), [minutes(7)])).toEqual([
      '0:03-0:08 1',
      '0:04-0:09 1',
      '0:05-0:10 1',
      '0:06-0:11 1',
      '0:07-0:12 1',
    ]);
    expect(orders(ordersPer(hopping(2)), [minutes(4)])).toEqual([
      '0:00-0:05 1',
      '0:02-0:07 1',
      '0:04-0:09 1',
    ]);
  });

  it('slides: a window for each set of orders at most 5 minutes apart', () => {
    expect(orders(ordersPer(sliding), [minutes(10), minutes(12), minutes(16)])).toEqual([
      '0:05-0:10 1',
      '0:10-0:15 1',
      '0:07-0:12 2',
      '0:12-0:17 1',
      '0:11-0:16 2',
    ]);
  });

  const inOrder = ['09:00', '09:29', '09:58', '10:30'];

  it('finds sessions of 3 and 1, and a late event makes the second one 2 without grace', () => {
    expect(sessionsAfter(activity, inOrder)).toEqual({ '09:00-09:58': 3, '10:30-10:30': 1 });
    expect(sessionsAfter(activity, [...inOrder, '10:05'])).toEqual({ '09:00-09:58': 3, '10:05-10:30': 2 });
  });

  it('merges all into a session of 5 when the late event comes within the grace', () => {
    expect(sessionsAfter(activity.grace(hours(1)), [...inOrder, '10:05'])).toEqual({ '09:00-10:30': 5 });
  });

  it('merges events that are exactly 30 minutes apart', () => {
    expect(sessionsAfter(activity, ['09:00', '09:30'])).toEqual({ '09:00-09:30': 2 });
    expect(sessionsAfter(activity, ['09:00', '09:31'])).toEqual({ '09:00-09:00': 1, '09:31-09:31': 1 });
  });
});

function orders(topology: Topology, timesMs: readonly number[]): readonly string[] {
  using driver = new TopologyTestDriver(topology);
  const input = driver.createInputTopic('orders', text, text);
  timesMs.forEach((timestampMs) => input.pipeInput('lamp', 'order', timestampMs));
  const output = driver.createOutputTopic(
    'orders-per-window',
    serdes.timeWindowed(text, minutes(5)),
    serdes.safeLong,
  );
  return output.readRecordsToList().map(({ key, value }) => `${spanOf(key)} ${value}`);
}

/** The sessions that are left once all updates are applied. */
function sessionsAfter(windows: SessionWindows, clocks: readonly string[]): Readonly<Record<string, number>> {
  using driver = new TopologyTestDriver(userSessions(windows));
  const input = driver.createInputTopic('user-activity', text, text);
  clocks.forEach((clock) => input.pipeInput('user123', 'click', Date.parse(`1970-01-01T${clock}:00Z`)));
  const sessions = new Map<string, number>();
  const output = driver.createOutputTopic('user-sessions', serdes.sessionWindowed(text), serdes.safeLong);
  for (const { key, value } of output.readRecordsToList()) {
    const span = spanOf(key).replace(/\b(\d):/g, '0$1:');
    if (value === null) sessions.delete(span);
    else sessions.set(span, value);
  }
  return Object.fromEntries(sessions);
}

function spanOf(key: Windowed<string> | null): string {
  const clock = (timeMs = 0) => {
    const minute = Math.floor(timeMs / 60_000);
    return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
  };
  return `${clock(key?.window.startMs)}-${clock(key?.window.endMs)}`;
}
