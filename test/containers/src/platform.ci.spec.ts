import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { busyShop, competition, openShop, StoryTeller } from '@millrace/test-support/shop';
import { serviceNames, until } from '@millrace/test-support/stack';
import { cutNetwork, exhaustMemory, killProcess, unreadiness } from './faults.ts';
import { Platform, type Profile } from './platform.ts';

/** Long enough, since a member of a consumer group is removed after 6 s without a heartbeat. */
const cutMs = 15_000;
/** After the faults on a busy machine, the restarted services need most of this to start. */
const settleMs = 180_000;
const backTimeoutMs = 120_000;
const ownPrograms = [...serviceNames, 'mail', 'gateway'];
const profile: Profile = process.env.MILLRACE_TEST_ENGINE === 'kafka' ? 'kafka' : 'broker';

describe(`the platform in containers, profile ${profile}`, () => {
  let platform: Platform;
  const logs = () => Promise.all(serviceNames.map((name) => platform.logs(name)));

  beforeAll(async () => {
    platform = await Platform.create(profile);
    await platform.up('--scale', 'inventory=3');
  });
  afterAll(() => platform?.remove());

  it('has the log of its profile, and three containers of the scaled service', async () => {
    expect((await platform.containers('broker')).length).toBe(profile === 'broker' ? 1 : 0);
    expect((await platform.containers('kafka')).length).toBe(profile === 'kafka' ? 1 : 0);
    expect(await platform.containers('inventory')).toHaveLength(3);
  });

  it('C02 completes the sample orders', async () => {
    const { code, output } = await platform.once('samples');

    expect({ code, seen: code === 0 ? [] : [output, ...(await logs())] }).toEqual({ code: 0, seen: [] });
    expect(output).toMatch(/carrier answers too late +cancelled +step_timeout/);
  });

  it('is operated with the command line, whose token no image and no file of the project has', async () => {
    const { code, output } = await platform.script(
      'cli',
      [
        'status || true',
        'sagas list --state all',
        'dlq list',
        'sql order -c "SELECT count(*) AS placed FROM order_summary"',
        'topics list',
        'messages order-events --limit 1 --json',
        'lag order',
      ].map((line) => `echo "# ${line.split(' ', 1)[0]}"; node main.js ${line}`),
    );
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    const answers = new Map(output.split(/^# /m).map((text) => [text.split('\n', 1)[0], text] as const));
    for (const name of serviceNames)
      expect(answers.get('status')).toMatch(new RegExp(`^ +${name}( [\\d.]+)? +ready`, 'm'));
    expect(answers.get('status')).not.toContain('unknown:');
    expect(answers.get('sagas')).toMatch(/fulfillment +compensated/);
    expect(answers.get('sql')).toMatch(/placed\n +[1-9]\d*\n/);
    expect(answers.get('topics')).toContain('inventory-commands.dlq');
    expect(answers.get('messages')).toContain('OrderCreated');
    expect(answers.get('lag')).toContain('payment-events');

    const refused = await platform.script('cli', ['OPS_TOKEN_FILE= node main.js sagas list']);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('not_authenticated') });
  });

  it('shows the console to those who have the token of the operator APIs', async () => {
    const { consoleUrl = '' } = await platform.places();
    const { output } = await platform.script('cli', ['cat /data/ops-token']);
    const [token = ''] = /\S+$/.exec(output.trim()) ?? []; // behind what compose says about the container
    expect((await fetch(consoleUrl)).headers.get('content-security-policy')).toContain("default-src 'self'");
    expect((await fetch(`${consoleUrl}/api/session/me`)).status).toBe(401);

    const signIn = (token: string) =>
      fetch(`${consoleUrl}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-millrace-console': '1' },
        body: JSON.stringify({ token }),
      });
    expect((await signIn('not-the-token')).status).toBe(401);
    const cookie = (await signIn(token)).headers.get('set-cookie') ?? '';
    expect((await fetch(`${consoleUrl}/api/session/me`, { headers: { cookie } })).status).toBe(200);
  });

  it('C04 is set up once: migrate changes nothing when it runs again', async () => {
    const { code, output } = await platform.once('migrate');

    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('databases, tables and topics are ready'),
    });
    expect(output).not.toContain('migration applied');
  });

  it('C02 runs its programs without rights: not as root, without capabilities, and on a read-only root file system', async () => {
    const look = `console.log(process.getuid(), /CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
      try { fs.writeFileSync('/app/x', ''); } catch ({ code }) { console.log(code); }
      fs.writeFileSync('/tmp/x', '');`;
    for (const program of ownPrograms) {
      const saw = await platform.docker('exec', await platform.container(program), 'node', '-e', look);
      expect({ program, saw }).toEqual({ program, saw: '1000 0000000000000000\nEROFS' });
    }
  });

  it('C03 ends all orders and balances its books while a process is killed, memory runs out and a network is cut', async () => {
    const teller = new StoryTeller('log:9092'); // the teller never reads the log, which can be reached only from within the network
    const units = Object.fromEntries(Object.keys(competition.stock).map((name) => [name, 200]));
    const shop = await openShop(await platform.places(), teller, { ...competition, stock: units }).finally(
      () => teller.close(),
    );
    let cut = '';

    const problems = await busyShop(shop, seededRandom(seed)).during(
      async (buyMore) => {
        await buyMore(10);
        await killProcess(platform, 'payment');
        await buyMore(10);
        await exhaustMemory(platform, 'shipping');
        await buyMore(10);
        cut = await cutNetwork(platform, 'inventory', cutMs);
        await buyMore(20);
      },
      { pauseMs: 300, settleMs },
    );

    expect({ problems, seen: problems.length === 0 ? [] : await logs() }).toEqual({ problems: [], seen: [] });
    let missing = '';
    await until(
      () => `${cut} to be ready again: ${missing}`,
      backTimeoutMs,
      async () => (missing = await unreadiness(platform, cut, 3002)) === '',
    );
  });

  it('C04 stops by SIGTERM: every program drains and ends with 0', async () => {
    await platform.stop();

    for (const program of ownPrograms)
      for (const container of await platform.containers(program)) {
        const { exitCode } = await platform.state(container);
        const seen = exitCode === 0 ? '' : await platform.logs(program);
        expect({ container, exitCode, seen }).toEqual({ container, exitCode: 0, seen: '' });
      }
  });
});
