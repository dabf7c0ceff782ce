import { describe, expect, it } from '@jest/globals';
import type { StreamsApp, StreamsState } from '@millrace/streams';
import { notRunningTime } from './operated-applications.ts';
import { streamsHealth } from './streams.module.ts';

/** An application whose state the test sets, with the answer of its check. */
function application(failure?: Error) {
  const listeners: Parameters<StreamsApp['onStateChange']>[0][] = [];
  const app = { state: 'created' as StreamsState, failure, onStateChange };
  let nowMs = 5_000;
  function onStateChange(listener: (state: StreamsState, before: StreamsState) => void) {
    listeners.push(listener);
    return () => undefined;
  }
  const clock = { monotonic: () => nowMs };
  const check = streamsHealth({ app, clock, remainingRecords: () => 1_200 });
  const enter = (state: StreamsState) => {
    const before = app.state;
    app.state = state;
    for (const listener of listeners) listener(state, before);
  };
  return { app, clock, check, enter, pass: (spanMs: number) => (nowMs += spanMs) };
}

describe('the health of a stream application', () => {
  it('is good while it is running', () => {
    const { check, enter, pass } = application();
    enter('running');
    pass(1_000_000);
    expect(check()).toEqual({ healthy: true, details: { state: 'running' } });
  });

  it.each(['created', 'closing', 'closed'] as const)('is bad while it is %s', (state) => {
    const { check, enter } = application();
    enter(state);
    expect(check()).toEqual({ healthy: false, details: { state } });
  });

  it('T16 is good in the first minute of each rebalance, and bad in a longer one', () => {
    const { check, enter, pass } = application();
    pass(1_000_000);
    for (const _each of ['first', 'second']) {
      enter('rebalancing');
      pass(60_000);
      expect(check()).toEqual({ healthy: true, details: { state: 'rebalancing', rebalancingMs: 60_000 } });
      pass(1);
      expect(check()).toEqual({ healthy: false, details: { state: 'rebalancing', rebalancingMs: 60_001 } });
      enter('running');
    }
  });

  it('T16 says how many records remain to be restored', () => {
    const { check, enter } = application();
    enter('restoring');
    expect(check()).toEqual({ healthy: false, details: { state: 'restoring', remainingRecords: 1_200 } });
  });

  it('says why the application has failed', () => {
    const { check, enter } = application(new Error('input topics do not exist: a'));
    enter('failed');
    expect(check()).toEqual({
      healthy: false,
      details: { state: 'failed', reason: 'input topics do not exist: a' },
    });
  });
});

describe('the time for which a stream application has not been running', () => {
  it('begins when the application leaves the state running, and is 0 after a stop on purpose', () => {
    const { app, clock, enter, pass } = application();
    const notRunningMs = notRunningTime(app, clock);
    pass(70_000);
    expect(notRunningMs()).toBe(70_000);
    enter('running');
    pass(5_000);
    expect(notRunningMs()).toBe(0);
    enter('rebalancing');
    enter('restoring');
    pass(2_000);
    expect(notRunningMs()).toBe(2_000);
    enter('closed');
    expect(notRunningMs()).toBe(0);
  });
});
