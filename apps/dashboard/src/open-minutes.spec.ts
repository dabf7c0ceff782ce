import { describe, expect, it } from '@jest/globals';
import type { WindowStore } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { OpenMinutes, type OpenMinutesOptions, type ViewsOfCommit } from './open-minutes.ts';
import { minuteStore, topology } from './topology.ts';
import { guidesDay } from './views.fixture.ts';

/** The largest record that a broker takes by default, in bytes. */
const recordBytesMax = 1_000_000;

function minutesOver(driver: TopologyTestDriver, options: OpenMinutesOptions = {}) {
  const store = driver.getStateStore<WindowStore<string, ViewsOfCommit>>(minuteStore);
  const minutes = new OpenMinutes(store, options);
  minutes.load(guidesDay);
  return { store, minutes };
}

/** The figures that a call sends, such as `/home 3 2`: a page with its views and visitors. */
function sentBy(call: (send: Parameters<OpenMinutes['send']>[0]) => void): string[] {
  const sent: string[] = [];
  call(({ page_url }, { page_views, unique_visitors }) =>
    sent.push(`${page_url} ${page_views} ${unique_visitors}`),
  );
  return sent;
}

const newDriver = () => new TopologyTestDriver(topology({ graceMs: 10_000 }));

describe('the figures of open minutes', () => {
  it('are sent some at a time, and those first that have waited longest', () => {
    using driver = newDriver();
    const { minutes } = minutesOver(driver, { figuresAtOnceMax: 2 });
    for (const page of ['/a', '/b', '/c']) minutes.add(guidesDay, page, 'u1');
    expect(sentBy((send) => minutes.write(0, send))).toEqual(['/a 1 1', '/b 1 1']);
    minutes.add(guidesDay, '/a', 'u2');
    expect(sentBy((send) => minutes.write(0, send))).toEqual(['/c 1 1', '/a 2 2']);
    expect(sentBy((send) => minutes.send(send))).toEqual([]);
  });

  it('that waited when a minute closes are sent once, as final ones', () => {
    using driver = newDriver();
    const { minutes } = minutesOver(driver, { figuresAtOnceMax: 0 });
    minutes.add(guidesDay, '/a', 'u1');
    expect(sentBy((send) => minutes.write(0, send))).toEqual([]);
    expect(sentBy((send) => minutes.write(guidesDay, send))).toEqual(['/a 1 1']);
    expect(sentBy((send) => minutes.send(send))).toEqual([]);
  });

  it('are sent again after a start, because the last ones may not have been', () => {
    using driver = newDriver();
    const { minutes } = minutesOver(driver, { figuresAtOnceMax: 0 });
    minutes.add(guidesDay, '/a', 'u1');
    minutes.write(0, () => {});
    expect(sentBy((send) => minutesOver(driver).minutes.send(send))).toEqual(['/a 1 1']);
  });
});

describe('a commit with many visitors', () => {
  it('T28 is stored in rows that are smaller than a record may be, and read again whole', () => {
    using driver = newDriver();
    const { store, minutes } = minutesOver(driver);
    // JSON writes each of these characters with six.
    const user = (number: number) => String(number).padEnd(200, '\u0001');
    for (let number = 0; number < 2_000; number += 1) minutes.add(guidesDay, '/all', user(number));
    for (let number = 0; number < 500; number += 1) minutes.add(guidesDay, `/${number}`, user(number));
    minutes.write(0, () => {});

    using rows = store.fetchAll(guidesDay, guidesDay);
    const sizes = [...rows].map(({ value }) => Buffer.byteLength(JSON.stringify(value)));
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThan(recordBytesMax);

    const again = minutesOver(driver, { figuresAtOnceMax: 1 }).minutes;
    again.add(guidesDay, '/all', user(1_999));
    again.add(guidesDay, '/all', user(2_000));
    expect(sentBy((send) => again.write(0, send))).toEqual(['/all 2002 2001']);
  });
});
