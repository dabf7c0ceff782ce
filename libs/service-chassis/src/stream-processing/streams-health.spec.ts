import { describe, expect, it } from '@jest/globals';
import { streamsHealth } from './streams-health.ts';

const failure = undefined;

describe('the health of a stream application', () => {
  it.each(['running', 'rebalancing'] as const)('is good while it is %s', (state) => {
    expect(streamsHealth({ state, failure }, 7)).toEqual({ healthy: true, details: { state } });
  });

  it.each(['created', 'closing', 'closed'] as const)('is bad while it is %s', (state) => {
    expect(streamsHealth({ state, failure }, 0)).toEqual({ healthy: false, details: { state } });
  });

  it('says how many records remain to be restored', () => {
    expect(streamsHealth({ state: 'restoring', failure }, 1_200)).toEqual({
      healthy: false,
      details: { state: 'restoring', remainingRecords: 1_200 },
    });
  });

  it('says why the application has failed', () => {
    expect(streamsHealth({ state: 'failed', failure: new Error('input topics do not exist: a') }, 0)).toEqual(
      {
        healthy: false,
        details: { state: 'failed', reason: 'input topics do not exist: a' },
      },
    );
  });
});
