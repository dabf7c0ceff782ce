import { describe, expect, it } from '@jest/globals';
import { testEngine } from './test-engine.ts';

describe('the engine of the suites', () => {
  it('is the embedded broker, or the one that the environment names', () => {
    expect(testEngine({})).toBe('embedded');
    expect(testEngine({ MILLRACE_TEST_ENGINE: ' ' })).toBe('embedded');
    expect(testEngine({ MILLRACE_TEST_ENGINE: 'kafka' })).toBe('kafka');
  });

  it('is never an unknown one, so that tests run on the engine that they name', () => {
    expect(() => testEngine({ MILLRACE_TEST_ENGINE: 'kafak' })).toThrow(
      'MILLRACE_TEST_ENGINE=kafak must be embedded or kafka',
    );
  });
});
