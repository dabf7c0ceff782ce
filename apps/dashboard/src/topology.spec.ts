import { describe, expect, it } from '@jest/globals';
import { seconds, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { lateJson, minuteJson, topics, topology, viewJson } from './topology.ts';
import { guidesDay, guidesViews, viewed } from './views.fixture.ts';

/** Returns the last figures of each minute, such as `10:00 /home 3 2 open`, and the late views. */
function shownAfter(...texts: readonly (string | 'crash')[]) {
  using driver = new TopologyTestDriver(topology({ graceMs: seconds(10) }));
  const input = driver.createInputTopic(topics.views, serdes.string, viewJson);
  for (const text of texts) {
    if (text === 'crash') driver.crash();
    else input.pipeInput('any', viewed(text), Date.parse(viewed(text).event_time));
  }
  const minutes = driver.createOutputTopic(topics.minutes, serdes.string, minuteJson).readRecordsToList();
  const late = driver.createOutputTopic(topics.late, serdes.string, lateJson).readValuesToList();
  const last = new Map(minutes.map(({ key, value }) => [key, value!]));
  return {
    minutes: [...last.values()].map(
      ({ window_start, page_url, page_views, unique_visitors, open }) =>
        `${window_start.slice(11, 16)} ${page_url} ${page_views} ${unique_visitors}${open ? ' open' : ''}`,
    ),
    late: late.map((each) => `${each!.window_start.slice(11, 16)} ${each!.page_url} ${each!.late_views}`),
  };
}

describe('G29 the views of each page and minute', () => {
  const minutes = ['10:00 /home 3 2 open', '10:00 /cart 1 1 open', '10:01 /home 1 1 open'];

  it('are counted with their unique visitors as the guides say', () => {
    expect(shownAfter(...guidesViews)).toEqual({ minutes, late: [] });
  });

  it('are the same for views that arrive out of order within the grace period', () => {
    const shuffled = [4, 1, 3, 2, 0].map((place) => guidesViews[place]!);
    expect(shownAfter(...shuffled).minutes.toSorted()).toEqual(minutes.toSorted());
  });

  it('are final once event time is the grace period past the minute, to the millisecond', () => {
    expect(shownAfter(...guidesViews, '10:01:09.999 /home u9').minutes).toEqual([
      '10:00 /home 3 2 open',
      '10:00 /cart 1 1 open',
      '10:01 /home 2 2 open',
    ]);
    expect(shownAfter(...guidesViews, '10:01:10 /home u9').minutes).toEqual([
      '10:00 /home 3 2',
      '10:00 /cart 1 1',
      '10:01 /home 2 2 open',
    ]);
  });

  it('count a view as late, and nowhere else, once its minute has closed', () => {
    const afterClose = ['10:01:10 /home u9', '10:00:30 /home u3', '10:00:30 /home u4', '10:00:59 /new u1'];
    expect(shownAfter(...guidesViews, ...afterClose)).toEqual({
      minutes: ['10:00 /home 3 2', '10:00 /cart 1 1', '10:01 /home 2 2 open'],
      late: ['10:00 /home 1', '10:00 /home 2', '10:00 /new 1'],
    });
  });

  it('T28 count a late view only as late that is the first one after a crash', () => {
    expect(shownAfter(...guidesViews, '10:01:10 /home u9', 'crash', '10:00:30 /home u1')).toEqual({
      minutes: ['10:00 /home 3 2', '10:00 /cart 1 1', '10:01 /home 2 2 open'],
      late: ['10:00 /home 1'],
    });
  });

  it('leave out a view that is further ahead of its record than the grace period', () => {
    using driver = new TopologyTestDriver(topology({ graceMs: seconds(10) }));
    const input = driver.createInputTopic(topics.views, serdes.string, viewJson);
    const fast = viewed('10:00:10 /home u1');
    input.pipeInput('any', fast, guidesDay);
    expect(() => input.pipeInput('any', fast, guidesDay - 1)).toThrow('more than 10000 ms after');
  });
});
