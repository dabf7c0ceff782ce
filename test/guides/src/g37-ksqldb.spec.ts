import { describe, expect, it } from '@jest/globals';
import { SerdeError, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { enrichedEvents, ksqlStatements, userEvents, users } from './topologies/ksqldb.ts';

const text = serdes.string;
const timestamp = 1_705_315_200_000;

describe('G37 the four statements for ksqlDB, as a topology', () => {
  it('select clicks, count them per user, and add name and email where a user is known', () => {
    using driver = new TopologyTestDriver(ksqlStatements());
    driver
      .createInputTopic('users', text, users)
      .pipeInput('123', { name: 'John', email: 'john@new.com' }, 0);
    const input = driver.createInputTopic('user-events', text, userEvents);
    for (const [user_id, action] of [
      ['123', 'click'],
      ['123', 'scroll'],
      ['123', 'click'],
      ['456', 'click'],
    ] as const)
      input.pipeInput('user123', { user_id, action, timestamp }, 0);

    expect(driver.createOutputTopic('click_events', text, userEvents).readValuesToList()).toHaveLength(3);
    const counts = driver.getKeyValueStore<string, number>('user_click_counts');
    expect(counts.get('123')).toBe(2);
    expect(counts.get('456')).toBe(1);
    const john = { user_id: '123', name: 'John', email: 'john@new.com' };
    expect(driver.createOutputTopic('enriched_events', text, enrichedEvents).readValuesToList()).toEqual([
      { ...john, action: 'click' },
      { ...john, action: 'scroll' },
      { ...john, action: 'click' },
      { user_id: '456', action: 'click', name: null, email: null },
    ]);
  });

  it('refuse the ISO timestamp of the guide’s own JSON, which an application skips and counts', () => {
    using driver = new TopologyTestDriver(ksqlStatements());
    const input = driver.createInputTopic('user-events', text, serdes.json());
    const event = { user_id: '123', action: 'click', timestamp: '2024-01-15T10:00:00Z' };
    expect(() => input.pipeInput('user123', event, 0)).toThrow(SerdeError);
  });
});
