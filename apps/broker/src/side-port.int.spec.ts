import { afterEach, describe, expect, it } from '@jest/globals';
import { openSidePort, type SidePort, type SidePortParts } from './side-port.ts';

let side: SidePort;
afterEach(() => side.close());

async function answers(parts: Partial<SidePortParts>): Promise<Record<string, string>> {
  const all: SidePortParts = {
    readMetrics: () => Promise.resolve(undefined),
    trouble: () => undefined,
    phase: () => 'ready',
    ...parts,
  };
  side = await openSidePort(all, { host: '127.0.0.1', port: 0 });
  const paths = ['/livez', '/readyz', '/metrics'];
  const told = await Promise.all(paths.map((path) => fetch(`${side.url}${path}`)));
  return Object.fromEntries(
    await Promise.all(
      told.map(
        async (answer, at) => [paths[at]!, `${answer.status} ${(await answer.text()).trim()}`] as const,
      ),
    ),
  );
}

describe("the broker's side port", () => {
  it.each(['starting', 'stopping'] as const)(
    'L54 reports the broker as alive but not ready while it is %s',
    async (phase) => {
      expect(await answers({ phase: () => phase })).toMatchObject({
        '/livez': '200 {"status":"alive"}',
        '/readyz': `503 {"status":"${phase}"}`,
      });
    },
  );

  it('has no metrics before the broker has started', async () => {
    expect(await answers({ phase: () => 'starting' })).toMatchObject({
      '/metrics': '503 the broker is starting',
    });
  });

  it('names the cause when the log directory is offline', async () => {
    const cause = '{"status":"offline","cause":"fsync failed"}';
    expect(await answers({ trouble: () => 'fsync failed' })).toMatchObject({
      '/livez': `503 ${cause}`,
      '/readyz': `503 ${cause}`,
    });
  });
});
