import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { minutes, seconds, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import type { LateViews, PageViewMinute } from './domain/page-view.ts';
import { topics, topology, viewJson } from './topology.ts';
import { guidesDay, guidesViews, viewed } from './views.fixture.ts';

const minuteJson = serdes.json<PageViewMinute>();
const lateJson = serdes.json<LateViews>();

/** Returns the last figures of each minute, such as `10:00 /home 3 2 open`, and the late views. */
function shownAfter(texts: readonly (string | 'crash')[], options = {}) {
  using driver = new TopologyTestDriver(topology({ graceMs: seconds(10), ...options }));
  const input = driver.createInputTopic(topics.views, serdes.string, viewJson);
  for (const text of texts) {
    if (text === 'crash') driver.crash();
    else input.pipeInput('any', viewed(text), Date.parse(viewed(text).event_time));
  }
  const updates = driver.createOutputTopic(topics.minutes, serdes.string, minuteJson).readRecordsToList();
  const late = driver.createOutputTopic(topics.late, serdes.string, lateJson).readValuesToList();
  const last = new Map(updates.map(({ key, value }) => [key, value!]));
  return {
    minutes: [...last.values()].map(
      ({ window_start, page_url, page_views, unique_visitors, open }) =>
        `${window_start.slice(11, 16)} ${page_url} ${page_views} ${unique_visitors}${open ? ' open' : ''}`,
    ),
    late: late.map((each) => `${each!.window_start.slice(11, 16)} ${each!.page_url} ${each!.late_views}`),
  };
}

describe('G29 the views of each page and minute', () => {
  const shown = ['10:00 /home 3 2 open', '10:00 /cart 1 1 open', '10:01 /home 1 1 open'];

  it('are counted with their unique visitors as the guides say', () => {
    expect(shownAfter(guidesViews)).toEqual({ minutes: shown, late: [] });
  });

  it('are the same for views that arrive out of order within the grace period', () => {
    const shuffled = [4, 1, 3, 2, 0].map((place) => guidesViews[place]!);
    expect(shownAfter(shuffled).minutes.toSorted()).toEqual(shown.toSorted());
  });

  it('are final once event time is the grace period past the minute, to the millisecond', () => {
    expect(shownAfter([...guidesViews, '10:01:09.999 /home u9']).minutes).toEqual([
      '10:00 /home 3 2 open',
      '10:00 /cart 1 1 open',
      '10:01 /home 2 2 open',
    ]);
    expect(shownAfter([...guidesViews, '10:01:10 /home u9']).minutes).toEqual([
      '10:00 /home 3 2',
      '10:00 /cart 1 1',
      '10:01 /home 2 2 open',
    ]);
  });

  it('count a view as late, and nowhere else, once its minute has closed', () => {
    const afterClose = ['10:01:10 /home u9', '10:00:30 /home u3', '10:00:30 /home u4', '10:00:59 /new u1'];
    expect(shownAfter([...guidesViews, ...afterClose])).toEqual({
      minutes: ['10:00 /home 3 2', '10:00 /cart 1 1', '10:01 /home 2 2 open'],
      late: ['10:00 /home 1', '10:00 /home 2', '10:00 /new 1'],
    });
  });

  it('T28 count a late view only as late that is the first one after a crash', () => {
    expect(shownAfter([...guidesViews, '10:01:10 /home u9', 'crash', '10:00:30 /home u1'])).toEqual({
      minutes: ['10:00 /home 3 2', '10:00 /cart 1 1', '10:01 /home 2 2 open'],
      late: ['10:00 /home 1'],
    });
  });

  it('T28 close after a crash with what was counted before it, and know the visitors from before', () => {
    const views = ['10:00:45 /home u1', '10:00:46 /home u7', '10:01:10 /about u1'];
    expect(shownAfter([...guidesViews, 'crash', ...views]).minutes.toSorted()).toEqual([
      '10:00 /cart 1 1',
      '10:00 /home 5 3',
      '10:01 /about 1 1 open',
      '10:01 /home 1 1 open',
    ]);
  });

  it('leave out a view that is further ahead of its record than the grace period', () => {
    using driver = new TopologyTestDriver(topology({ graceMs: seconds(10) }));
    const input = driver.createInputTopic(topics.views, serdes.string, viewJson);
    const fast = viewed('10:00:10 /home u1');
    input.pipeInput('any', fast, guidesDay);
    expect(() => input.pipeInput('any', fast, guidesDay - 1)).toThrow('more than 10000 ms after');
  });
});

/** Computes the figures after these views from the rule alone. */
function countedByHand(texts: readonly string[]) {
  const startOf = (text: string) => text.slice(0, 5);
  const counted = new Map<string, { views: number; users: Set<string> }>();
  const late: string[] = [];
  let streamTimeMs = 0;
  const isClosed = (minute: string) => dayTime(minute) + minutes(1) <= streamTimeMs - seconds(10);
  for (const text of texts) {
    const [, page = '', user = ''] = text.split(' ');
    streamTimeMs = Math.max(streamTimeMs, dayTime(text.split(' ')[0]!));
    const key = `${startOf(text)} ${page}`;
    if (isClosed(startOf(text))) {
      late.push(`${key} ${late.filter((each) => each.startsWith(`${key} `)).length + 1}`);
      continue;
    }
    const figures = counted.get(key) ?? { views: 0, users: new Set() };
    figures.views += 1;
    figures.users.add(user);
    counted.set(key, figures);
  }
  return {
    minutes: [...counted].map(
      ([key, { views, users }]) => `${key} ${views} ${users.size}${isClosed(key.slice(0, 5)) ? '' : ' open'}`,
    ),
    late,
  };
}

const dayTime = (time: string) => Date.parse(`2024-01-15T${time.length === 5 ? `${time}:00` : time}Z`);

describe('T28 any views, with crashes between them', () => {
  const view = fc
    .tuple(fc.nat(4), fc.nat(59), fc.constantFrom('/home', '/cart', '/x'), fc.constantFrom('u1', 'u2', 'ü'))
    .map(
      ([minute, second, page, user]) => `10:0${minute}:${String(second).padStart(2, '0')} ${page} ${user}`,
    );
  const happenings = fc.array(fc.oneof({ weight: 6, arbitrary: view }, fc.constant('crash')), {
    maxLength: 40,
  });

  it.each([
    ['in memory', {}],
    ['that are read again from the store', { visitorsInMemoryMax: 0 }],
  ])('give the figures of the rule, with visitors %s', (_where, options) => {
    fc.assert(
      fc.property(happenings, (texts) => {
        const { minutes: figures, late } = shownAfter(texts, options);
        const expected = countedByHand(texts.filter((text) => text !== 'crash'));
        expect({ minutes: figures.toSorted(), late }).toEqual({
          ...expected,
          minutes: expected.minutes.toSorted(),
        });
      }),
      { numRuns: 150 },
    );
  });
});
