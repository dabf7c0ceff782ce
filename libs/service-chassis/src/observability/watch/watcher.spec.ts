import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { within } from '@millrace/testing/within';
import { Registry } from 'prom-client';
import { createHealth, type Health } from '../health/health.ts';
import { createLifecycle, type Lifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { alarmTable, createAlarms, type AlarmName, type Alarms } from '@millrace/operations/alarms';
import { showAlarms, createWatcher, type Watcher } from './watcher.ts';
import { createGroupWatches } from './group-watches.ts';

const until = within(15_000);
const behind = (lag: bigint) => [
  { topic: 'orders', partition: 0, committedOffset: 1n, endOffset: 1n + lag, lag, lagMs: Number(lag) },
];

describe('a watch', () => {
  let registry: Registry;
  let lifecycle: Lifecycle;
  let alarms: Alarms;
  let health: Health;
  let watcher: Watcher;

  beforeEach(() => {
    registry = new Registry();
    lifecycle = createLifecycle(silentLogger);
    alarms = createAlarms({
      clock: systemClock,
      logger: silentLogger,
      thresholds: { ALARM_LAG_MESSAGES: 10, ALARM_LAG_SECONDS: 0 },
      holdMs: 0,
    });
    health = createHealth();
    showAlarms({ alarms, health, registry });
    watcher = createWatcher({
      lifecycle,
      alarms,
      registry,
      clock: systemClock,
      logger: silentLogger,
      everyMs: 5,
    });
  });
  afterEach(() => lifecycle.stop());

  const lines = async (metric: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(metric));
  const watchLag = (read: () => bigint) =>
    createGroupWatches(registry, watcher).watchLag('clerk', async () => behind(read()));
  const place = 'group="clerk",topic="orders",partition="0"';

  it('shows the figures of a check, and raises and clears alarms', async () => {
    let lag = 500n;
    watchLag(() => lag);
    await lifecycle.start();
    await until(() => alarms.active().length === 1);

    expect(await lines('kafka_consumer_group_lag{')).toEqual([`kafka_consumer_group_lag{${place}} 500`]);
    expect(await lines('kafka_consumer_group_lag_seconds{')).toEqual([
      `kafka_consumer_group_lag_seconds{${place}} 0.5`,
    ]);
    expect(await lines('millrace_alarm_active{alarm="consumer_lag"')).toEqual([
      `millrace_alarm_active{alarm="consumer_lag",${place}} 1`,
    ]);
    expect(await health.report()).toMatchObject({
      healthy: true,
      checks: { alarms: { details: { active: [{ alarm: 'consumer_lag', value: 500 }] } } },
    });
    lag = 10n;
    await until(() => alarms.active().length === 0);
    expect(await lines('millrace_alarm_active{alarm="consumer_lag"')).toEqual([
      'millrace_alarm_active{alarm="consumer_lag"} 0',
    ]);
  });

  it('shows each alarm while it is raised, with the labels that locate it', async () => {
    alarms = createAlarms({ clock: systemClock, logger: silentLogger, thresholds: {}, holdMs: 0 });
    registry = new Registry();
    showAlarms({ alarms, health, registry });
    const raised = Object.entries(alarmTable).map(([name, { place, threshold }]) => {
      const labels = Object.fromEntries(place.map((label) => [label, 'x']));
      alarms.observe(name, [{ alarm: name as AlarmName, place: labels, value: threshold + 1 }]);
      return `millrace_alarm_active{${[`alarm="${name}"`, ...place.map((label) => `${label}="x"`)].join(',')}} 1`;
    });

    expect(await lines('millrace_alarm_active')).toEqual(raised);
  });

  it('keeps the last figures and alarms when a check fails, marks them as stale, and continues', async () => {
    let away = false;
    let lag = 500n;
    watchLag(() => {
      if (away) throw new Error('connection refused');
      return lag;
    });
    const up = () => lines('millrace_watch_up{watch="lag of clerk"}');
    await lifecycle.start();
    await until(() => alarms.active().length === 1);
    expect(await up()).toEqual(['millrace_watch_up{watch="lag of clerk"} 1']);
    away = true;
    lag = 0n;
    await until(async () => (await up())[0]?.endsWith(' 0') === true);

    expect(await lines('kafka_consumer_group_lag{')).toEqual([`kafka_consumer_group_lag{${place}} 500`]);
    expect(alarms.active()).toHaveLength(1);
    away = false;
    await until(() => alarms.active().length === 0);
    expect(await up()).toEqual(['millrace_watch_up{watch="lag of clerk"} 1']);
  });

  it('is not delayed by another one that gets no answer', async () => {
    watcher.add({ name: 'the log', look: () => new Promise(() => undefined) });
    watcher.add({ name: 'the database', look: () => [{ alarm: 'outbox_age', value: 31 }] });
    await lifecycle.start();
    await until(() => alarms.active().length === 1);

    expect(await lines('millrace_watch_up')).toEqual(['millrace_watch_up{watch="the database"} 1']);
  });

  it('stops with the service', async () => {
    const timers = new Set<() => void>();
    const clock: Clock = {
      ...systemClock,
      after(_span, work) {
        timers.add(work);
        return () => timers.delete(work);
      },
    };
    const driven = createWatcher({
      lifecycle,
      alarms,
      registry: new Registry(),
      clock,
      logger: silentLogger,
      everyMs: 5,
    });
    let looks = 0;
    let stopped = false;
    driven.add({ name: 'sagas', look: () => ((looks += 1), []), stop: () => void (stopped = true) });
    await lifecycle.start();
    for (let turn = 1; turn <= 3; turn += 1) {
      await until(() => looks === turn && timers.size === 1);
      for (const elapse of [...timers]) elapse();
    }
    await until(() => looks === 4 && timers.size === 1);
    await lifecycle.stop();
    await setImmediate();

    expect(timers.size).toBe(0);
    expect(looks).toBe(4);
    expect(stopped).toBe(true);
  });
});
