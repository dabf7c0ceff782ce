import { describe, expect, it } from '@jest/globals';
import { minutes, serdes, type Topology } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { type Event, eventsByEventTime, eventsByProcessingTime } from './topologies/event-time.ts';

const event = serdes.json<Event>();

/** When an event was created, and how many seconds after 10:00:00 it arrived. */
interface Arrival {
  readonly createdAt: string;
  readonly arrivedS: number;
}

const created = (createdAt: string, arrivedS = 0): Arrival => ({ createdAt, arrivedS });

describe('G35 time', () => {
  it('counts an event of 10:04:30 in its window while stream time is 10:05:59', () => {
    const { windows, late, dropped } = run(eventsByEventTime(), [
      created('10:04:00'),
      created('10:05:59'),
      created('10:04:30'),
    ]);

    expect(windows).toEqual({ '10:00': 2, '10:05': 1 });
    expect(late).toEqual([]);
    expect(dropped).toBe(0);
  });

  it('T11 sends it to the late output, and counts it, once stream time is 10:06:00', () => {
    const { windows, late, dropped } = run(eventsByEventTime(), [
      created('10:04:00'),
      created('10:06:00'),
      created('10:04:30'),
    ]);

    expect(windows).toEqual({ '10:00': 1, '10:05': 1 });
    expect(late).toEqual(['10:04:30']);
    expect(dropped).toBe(1);
  });

  it('gives the same windows for a replay at any speed by event time, and others by processing time', () => {
    const live = [created('10:00:00', 5), created('10:04:58', 303), created('10:05:00', 305)];
    const replayed = live.map(({ createdAt }) => created(createdAt, 86_400));

    expect(run(eventsByEventTime(), replayed).windows).toEqual(run(eventsByEventTime(), live).windows);
    expect(run(eventsByEventTime(), live).windows).toEqual({ '10:00': 2, '10:05': 1 });
    expect(run(eventsByProcessingTime(), live).windows).toEqual({ '10:00': 1, '10:05': 2 });
    expect(run(eventsByProcessingTime(), replayed).windows).toEqual({ '10:00': 3 });
  });
});

function run(topology: Topology, arrivals: readonly Arrival[]) {
  using driver = new TopologyTestDriver(topology);
  const input = driver.createInputTopic('events', serdes.string, event);
  const start = Date.parse('2024-01-15T10:00:00Z');
  for (const { createdAt, arrivedS } of arrivals) {
    input.pipeInput('sensor', { createdAt: `2024-01-15T${createdAt}Z` }, start + arrivedS * 1_000);
  }
  const key = serdes.timeWindowed(serdes.string, minutes(5));
  const counts = driver.createOutputTopic('events-per-window', key, serdes.safeLong).readRecordsToList();
  const late = driver.createOutputTopic('late-events', serdes.string, event).readRecordsToList();
  return {
    windows: Object.fromEntries(
      counts.map((count) => [clock(count.key?.window.startMs).slice(0, 5), count.value]),
    ),
    late: late.map(({ value }) => value?.createdAt.slice(11, 19)),
    dropped: driver.dropped.length,
  };
}

const clock = (timeMs = 0): string => new Date(timeMs).toISOString().slice(11, 19);
