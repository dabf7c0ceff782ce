import { describe, expect, it } from '@jest/globals';
import { minutes, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { joinedEvents, userEvents } from './topologies/user-events.ts';

const text = serdes.string;

describe('G33 operators over user-events', () => {
  it('filters clicks, maps to upper case and counts per user', () => {
    using driver = new TopologyTestDriver(userEvents());
    const input = driver.createInputTopic('user-events', text, text);
    input.pipeInput('user123', 'click', 0);
    input.pipeInput('user123', 'scroll', 1);
    input.pipeInput('user_456', 'double click', 2);

    const valuesOf = (topic: string) =>
      driver
        .createOutputTopic(topic, text, text)
        .readRecordsToList()
        .map(({ value }) => value);
    expect(valuesOf('filtered-events')).toEqual(['click', 'double click']);
    expect(valuesOf('upper-case-events')).toEqual(['CLICK', 'SCROLL', 'DOUBLE CLICK']);
    const counts = driver.getKeyValueStore<string, number>('events-per-user');
    expect(counts.get('user123')).toBe(2);
    expect(counts.get('user_456')).toBe(1);
  });

  const fiveMinutes = minutes(5);
  it.each([
    ['4:59', fiveMinutes - 1_000, ['ab']],
    ['5:00', fiveMinutes, ['ab']],
    ['5:01', fiveMinutes + 1_000, []],
  ])(
    'joins two events %s apart as Kafka Streams does, whichever side is first',
    (_apart, apartMs, expected) => {
      expect(joined('left-events', 'right-events', apartMs)).toEqual(expected);
      expect(joined('right-events', 'left-events', apartMs)).toEqual(expected);
    },
  );
});

/** The left event is `a`, the right one `b`. */
function joined(first: string, second: string, apartMs: number): readonly (string | null)[] {
  using driver = new TopologyTestDriver(joinedEvents());
  const valueOf = (topic: string) => (topic === 'left-events' ? 'a' : 'b');
  driver.createInputTopic(first, text, text).pipeInput('user123', valueOf(first), 0);
  driver.createInputTopic(second, text, text).pipeInput('user123', valueOf(second), apartMs);
  const output = driver.createOutputTopic('joined-events', text, text).readRecordsToList();
  return output.map(({ value }) => value);
}
