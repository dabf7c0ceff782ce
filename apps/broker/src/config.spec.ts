import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      limits: { partitionsMax: 4_000 },
      http: { host: '127.0.0.1', port: 9_404, orAnyFree: true },
      logLevel: 'info',
    });
  });

  it('name every problem in one line', () => {
    expect(() =>
      readConfig({ BROKER_PORT: 'x', BROKER_FLUSH: 'never', BROKER_AUTO_CREATE_TOPICS: 'maybe' }),
    ).toThrow(
      /^[^\n]*BROKER_PORT=x \(--port\): [^\n]*BROKER_FLUSH=never \(--flush\): [^\n]*BROKER_AUTO_CREATE_TOPICS=maybe: [^\n]*$/,
    );
  });

  it('are named as the file names them where they stand there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-config-'));
    const file = join(folder, 'server.properties');
    writeFileSync(file, 'millrace.flush=sometimes\nmillrace.http.port=0\n');
    try {
      const refused = () => readConfig({ BROKER_CONFIG: file, BROKER_HTTP_PORT: 'x' });
      expect(refused).toThrow(
        /server\.properties: millrace\.flush=sometimes: give .*BROKER_HTTP_PORT=x \(--http-port\): give/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('take any free port for metrics beside a broker on any free port', () => {
    expect(readConfig({ BROKER_PORT: '0' }).http.port).toBe(0);
    expect(readConfig({ BROKER_PORT: '0', BROKER_HTTP_PORT: '9404' }).http.port).toBe(9_404);
  });

  it('insist on a port for metrics that was asked for', () => {
    expect(readConfig({ BROKER_HTTP_PORT: '9404' }).http).toMatchObject({ port: 9_404, orAnyFree: false });
  });

  it.each(['0', '100001', 'many'])('refuse a limit of %s partitions', (BROKER_PARTITIONS_MAX) => {
    expect(() => readConfig({ BROKER_PARTITIONS_MAX })).toThrow(
      /BROKER_PARTITIONS_MAX=\w+ \(--partitions-max\): give an integer from 1 to 100000/,
    );
  });

  it('take true and 1 for yes', () => {
    expect(
      ['true', '1', 'false', '0'].map(
        (text) => readConfig({ BROKER_AUTO_CREATE_TOPICS: text }).autoCreateTopics,
      ),
    ).toEqual([true, true, false, false]);
  });
});
