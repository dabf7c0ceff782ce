import { describe, expect, it } from '@jest/globals';
import { testEngine } from './test-engine.ts';

describe('the engine of the suites', () => {
  it('is the embedded broker, or what is asked for', () => {
    expect(testEngine({})).toBe('embedded');
    expect(testEngine({ MILLRACE_TEST_ENGINE: ' ' })).toBe('embedded');
    expect(testEngine({ MILLRACE_TEST_ENGINE: 'kafka' })).toBe('kafka');
  });

  it('is never one that does not exist: tests would run on another than they say', () => {
    expect(() => testEngine({ MILLRACE_TEST_ENGINE: 'kafak' })).toThrow(
      'MILLRACE_TEST_ENGINE=kafak must be embedded or kafka',
    );
  });
});
