import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

describe("the broker's settings", () => {
  it('are safe by default: this machine only, on disk before the answer, no topics by accident', () => {
    expect(readConfig({})).toEqual({
      BROKER_HOST: '127.0.0.1',
      BROKER_PORT: 9_092,
      BROKER_DATA: '.millrace/broker',
      BROKER_FLUSH: 'commit',
      BROKER_HTTP_HOST: '127.0.0.1',
      BROKER_HTTP_PORT: 9_404,
      LOG_LEVEL: 'info',
      properties: {},
    });
  });

  it('name every problem in one line', () => {
    expect(() => readConfig({ BROKER_PORT: 'x', BROKER_FLUSH: 'never', BROKER_AUTO_CREATE_TOPICS: 'maybe' })).toThrow(
      /^[^\n]*BROKER_PORT: [^\n]*BROKER_FLUSH: [^\n]*BROKER_AUTO_CREATE_TOPICS: [^\n]*$/,
    );
  });

  it('take true and 1 for yes', () => {
    expect(['true', '1', 'false', '0'].map((text) => readConfig({ BROKER_AUTO_CREATE_TOPICS: text }).BROKER_AUTO_CREATE_TOPICS)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
