import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TaskGauges } from './streams-channels.ts';

let reports: unknown[];
const note = (message: unknown) => void reports.push(message);
beforeEach(() => {
  reports = [];
  subscribe('millrace:streams:tasks', note);
});
afterEach(() => void unsubscribe('millrace:streams:tasks', note));

function gauges() {
  const time = { ms: 100 };
  const clock = { now: () => 1_000_000 + time.ms, monotonic: () => time.ms };
  return { time, gauges: new TaskGauges({ applicationId: 'app', clock }) };
}

const taskOf = (name: string, streamTimeMs: number) => {
  let asked = 0;
  return {
    plan: { name },
    streamTimeMs,
    get storeBytes() {
      return (asked += 1);
    },
  };
};

describe('the gauges of tasks', () => {
  it('report at once and then every 5 s the size of the state, and how far stream time is behind the clock', () => {
    const { time, gauges: reported } = gauges();
    const tasks = [taskOf('0_0', 1_000_000), taskOf('0_1', -1)];

    for (const ms of [100, 101, 5_099, 5_100]) {
      time.ms = ms;
      reported.report(tasks);
    }

    expect(reports).toEqual([
      {
        applicationId: 'app',
        tasks: [
          { task: '0_0', storeBytes: 1, streamTimeLagMs: 100 },
          { task: '0_1', storeBytes: 1, streamTimeLagMs: undefined },
        ],
      },
      {
        applicationId: 'app',
        tasks: [
          { task: '0_0', storeBytes: 2, streamTimeLagMs: 5_100 },
          { task: '0_1', storeBytes: 2, streamTimeLagMs: undefined },
        ],
      },
    ]);
  });

  it('do not ask the disk while nobody listens', () => {
    unsubscribe('millrace:streams:tasks', note);
    const task = taskOf('0_0', 5);

    gauges().gauges.report([task]);

    expect(task.storeBytes).toBe(1);
  });
});
