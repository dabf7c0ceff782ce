import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

describe("the broker's settings", () => {
  it('are safe by default: this machine only, on disk before the answer, no topics by accident', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 9_092,
      advertisedHost: undefined,
      advertisedPort: undefined,
      dataFolder: '.millrace/broker',
      flush: 'commit',
      autoCreateTopics: undefined,
      properties: {},
      http: { host: '127.0.0.1', port: 9_404 },
      logLevel: 'info',
    });
  });

  it('name every problem in one line', () => {
    expect(() => readConfig({ BROKER_PORT: 'x', BROKER_FLUSH: 'never', BROKER_AUTO_CREATE_TOPICS: 'maybe' })).toThrow(
      /^[^\n]*BROKER_PORT=x: [^\n]*BROKER_FLUSH=never: [^\n]*BROKER_AUTO_CREATE_TOPICS=maybe: [^\n]*$/,
    );
  });

  it('take any free port for metrics beside a broker on any free port', () => {
    expect(readConfig({ BROKER_PORT: '0' }).http.port).toBe(0);
    expect(readConfig({ BROKER_PORT: '0', BROKER_HTTP_PORT: '9404' }).http.port).toBe(9_404);
  });

  it('take true and 1 for yes', () => {
    expect(['true', '1', 'false', '0'].map((text) => readConfig({ BROKER_AUTO_CREATE_TOPICS: text }).autoCreateTopics)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
