import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { millrace } from './cli.fixture.ts';

const empty = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
afterAll(() => rmSync(empty, { recursive: true, force: true }));

describe('the command line', () => {
  it('says how to reach a cluster if none is named and no stack runs', async () => {
    const { exitCode, err } = await millrace(['topics', 'list'], { environment: {}, workspace: empty });
    expect(exitCode).toBe(1);
    expect(err).toContain(
      'start it with npm start, name its folder with --data, or give --bootstrap HOST:PORT',
    );
  });

  it('reports a broker that is not there as one line', async () => {
    const { exitCode, err } = await millrace(['topics', 'list', '--bootstrap', '127.0.0.1:1']);
    expect(exitCode).toBe(1);
    expect(err).toContain('127.0.0.1:1');
    expect(err.split('\n')).toHaveLength(1);
  }, 30_000);

  it('refuses wrong security settings before it connects', async () => {
    const environment = { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1', KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' };
    const { exitCode, err } = await millrace(['topics', 'list'], { environment });
    expect(exitCode).toBe(1);
    expect(err).toContain('KAFKA_SASL_MECHANISM');
  });
});
