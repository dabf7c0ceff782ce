import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { referenceSection } from '@millrace/testing/reference-page';
import { readConfig, settings } from './config.ts';

describe("the broker's settings", () => {
  it('are safe by default: this machine only, acknowledgements after the disk, no accidental topics', () => {
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

  it('report every problem in one line', () => {
    expect(() =>
      readConfig({ BROKER_PORT: 'x', BROKER_FLUSH: 'never', BROKER_AUTO_CREATE_TOPICS: 'maybe' }),
    ).toThrow(
      /^[^\n]*BROKER_PORT=x \(--port\): [^\n]*BROKER_FLUSH=never \(--flush\): [^\n]*BROKER_AUTO_CREATE_TOPICS=maybe: [^\n]*$/,
    );
  });

  it('are reported under the name in the file when they come from the file', () => {
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

  it('put the metrics on any free port when the broker itself is on any free port', () => {
    expect(readConfig({ BROKER_PORT: '0' }).http.port).toBe(0);
    expect(readConfig({ BROKER_PORT: '0', BROKER_HTTP_PORT: '9404' }).http.port).toBe(9_404);
  });

  it('do not replace a metrics port that was set explicitly', () => {
    expect(readConfig({ BROKER_HTTP_PORT: '9404' }).http).toMatchObject({ port: 9_404, orAnyFree: false });
  });

  it.each(['0', '100001', 'many'])(
    'reject a limit of %s partitions and name the range',
    (BROKER_PARTITIONS_MAX) => {
      expect(() => readConfig({ BROKER_PARTITIONS_MAX })).toThrow(
        /BROKER_PARTITIONS_MAX=\w+ \(--partitions-max\): give an integer from 1 to 100000/,
      );
    },
  );

  it('accept true and 1, false and 0', () => {
    expect(
      ['true', '1', 'false', '0'].map(
        (text) => readConfig({ BROKER_AUTO_CREATE_TOPICS: text }).autoCreateTopics,
      ),
    ).toEqual([true, true, false, false]);
  });
});

describe('the page of settings', () => {
  it("R40 lists the broker's settings as they are declared", () => {
    const entries = Object.entries(settings).map(([name, { kind, meaning }]) => ({
      name,
      about: kind.byDefault ? `default: \`${kind.byDefault}\`` : 'default: none',
      text: meaning,
    }));
    const { onPage, inCode } = referenceSection('settings.md', 'The embedded broker', entries);
    expect(onPage).toEqual(inCode);
  });
});
