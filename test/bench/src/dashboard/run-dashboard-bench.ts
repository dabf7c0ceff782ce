import { setTimeout } from 'node:timers/promises';
import { connectProducer, type Producer } from '@millrace/streaming-core/client';
import { readEvents } from '@millrace/testing/events';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import { Client } from 'pg';
import { percentile, round, sum } from '../numbers.ts';
import { benchOptions } from '../options.ts';
import { memoryOf } from '../broker/process-usage.ts';
import { command, grouped, machine, say, table, today, writePage } from '../report.ts';
import { cpuTimeMs, cpuTimeOfTreeMs } from '../saga/cpu-time.ts';

export const dashboardUsage = `npm run bench -- dashboard [--rate 500] [--seconds 20] [--views 500000] [--pages 10000] [--users 1000000] [--write]
  measures how long a page view takes until an open page of the dashboard has it, and how many views a second it counts
  --rate, --seconds        the views per second, and for how long, while single views are timed
  --views, --pages, --users how many views are then sent as fast as possible, of how many pages and users
  --write                  write the numbers to docs/reports/dashboard-bench.md`;

export const dashboardBenchOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    { rate: 500, seconds: 20, views: 500_000, pages: 10_000, users: 1_000_000, write: false },
    { rate: 50_000, seconds: 86_400, views: 100_000_000, pages: 1_000_000, users: 100_000_000 },
  );

type Options = ReturnType<typeof dashboardBenchOptions>;

const topic = 'page_views';
const timedPage = '/timed';
const timedEveryMs = 150;
const sliceOfViews = 2_000;
const countedMsMax = 600_000;

/** Times single views at a steady rate, and then counts a great many. */
export async function runDashboardBench(options: Options): Promise<void> {
  say('starting a stack with the dashboard, with data in a temporary folder');
  const stack = await startStack({ LOG_LEVEL: 'error' }, { apps: ['dashboard'] });
  const producer = connectProducer({
    bootstrapServers: [stack.bootstrapServers],
    clientId: 'dashboard-bench',
    lingerMs: 1,
  });
  try {
    const { took, sent } = await timeViews(options, stack, producer);
    const counted = await countViews(options, stack, producer, sent);
    const page = renderPage(options, took, counted);
    say(`\n${page}`);
    if (options.write) await writePage('dashboard-bench', page);
  } finally {
    await producer.close();
    await stack.stop();
  }
}

const view = (page_url: string, user: number) => ({
  topic,
  key: null,
  value: JSON.stringify({ event_time: new Date().toISOString(), page_url, user_id: `user-${user}` }),
});

const anyOf = (count: number): number => Math.floor(Math.random() * count);

interface ShownMinute {
  readonly window_start: string;
  readonly page_url: string;
  readonly page_views: number;
}

interface TimedViews {
  /** The times in ms from the call of `send` until an open page has the view, ascending. */
  readonly took: readonly number[];
  /** The number of views that were sent. */
  readonly sent: number;
}

async function timeViews(
  { rate, seconds }: Options,
  stack: TestStack,
  producer: Producer,
): Promise<TimedViews> {
  const page = await readEvents(`${stack.instances.dashboard}/page-views/live`);
  const sentAt: number[] = [];
  const took: number[] = [];
  const viewsByMinute = new Map<string, number>();
  let taken = 0;
  let sent = 0;
  async function noteShown(): Promise<void> {
    const events = (await page.has(taken + 1)).slice(taken);
    taken += events.length;
    const minutes = events.flatMap(({ data }) => (data.minutes ?? []) as readonly ShownMinute[]);
    for (const { page_url, window_start, page_views } of minutes)
      if (page_url === timedPage) viewsByMinute.set(window_start, page_views);
    const shown = Math.min(sum([...viewsByMinute.values()]), sentAt.length);
    while (took.length < shown) took.push(performance.now() - sentAt[took.length]!);
  }
  async function noteAll(): Promise<void> {
    while (took.length < (seconds * 1_000) / timedEveryMs) await noteShown();
  }
  async function sendAll(): Promise<void> {
    const sending: Promise<unknown>[] = [];
    const everyMs = 50;
    const startedAt = performance.now();
    for (let atMs = 0; atMs < seconds * 1_000; atMs += everyMs) {
      await setTimeout(Math.max(0, startedAt + atMs - performance.now()));
      const due = Math.floor((rate * (atMs + everyMs)) / 1_000) - sent;
      sent += due;
      sending.push(
        producer.send(Array.from({ length: due }, () => view(`/page-${anyOf(20)}`, anyOf(1_000)))),
      );
      if (atMs % timedEveryMs !== 0) continue;
      sentAt.push(performance.now());
      sending.push(producer.send([view(timedPage, sentAt.length)]));
    }
    await Promise.all(sending);
  }
  await Promise.all([sendAll(), noteAll()]);
  await page.close();
  return { took: took.sort((one, other) => one - other), sent: sent + sentAt.length };
}

interface Counted {
  readonly sendingSeconds: number;
  readonly seconds: number;
  readonly cpuMs: ReadonlyMap<string, number>;
  readonly peakMb: number;
}

/**
 * Sends views as fast as the broker takes them, and waits until the table has counted each of them.
 * Begins once it has those that were sent before.
 */
async function countViews(
  { views, pages, users }: Options,
  stack: TestStack,
  producer: Producer,
  sentBefore: number,
): Promise<Counted> {
  const database = new Client({ connectionString: `${stack.postgresUrl}/millrace_dashboard` });
  await database.connect();
  try {
    const inTable = async () => {
      const { rows } = await database.query<{ count: string | null }>(
        'SELECT sum(page_views + late_views) AS count FROM page_view_minute',
      );
      return Number(rows[0]?.count ?? 0);
    };
    const counted = (count: number) =>
      until(`${count} views to be counted`, countedMsMax, async () => (await inTable()) === count);
    await counted(sentBefore);
    const cpuBefore = cpuOf(stack);
    const startedAt = performance.now();
    for (let sent = 0; sent < views; sent += sliceOfViews) {
      const slice = Math.min(sliceOfViews, views - sent);
      await producer.send(Array.from({ length: slice }, () => view(`/page-${anyOf(pages)}`, anyOf(users))));
    }
    const sendingSeconds = (performance.now() - startedAt) / 1_000;
    await counted(sentBefore + views);
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpuMs = new Map([...cpuOf(stack)].map(([part, ms]) => [part, ms - (cpuBefore.get(part) ?? 0)]));
    return {
      sendingSeconds,
      seconds,
      cpuMs,
      peakMb: memoryOf(pidOf(stack, 'dashboard')).peakMb,
    };
  } finally {
    await database.end();
  }
}

function cpuOf(stack: TestStack): ReadonlyMap<string, number> {
  const parts = ['dashboard', 'broker'].map((part) => [part, cpuTimeMs(pidOf(stack, part))] as const);
  return new Map([
    ...parts.map(([part, ms]) => [part, ms ?? NaN] as const),
    ['postgres', cpuTimeOfTreeMs(pidOf(stack, 'postgres')) ?? NaN],
    ['bench client', cpuTimeMs(process.pid) ?? NaN],
  ]);
}

function pidOf(stack: TestStack, part: string): number {
  const pid = stack.pid(part);
  if (pid === undefined) throw new Error(`${part} is not running`);
  return pid;
}

function renderPage(options: Options, timed: readonly number[], counted: Counted): string {
  const { rate, views, pages, users } = options;
  const { sendingSeconds, seconds, cpuMs, peakMb } = counted;
  return [
    '# The dashboard',
    `${today()}, ${machine()}. \`${command()}\``,
    '## From a view to the page',
    `${timed.length} views of one page among ${rate} others a second, from the call of \`send\` until a client of ` +
      '`/page-views/live` has the figure.',
    table(
      ['p50 ms', 'p99 ms', 'slowest ms'],
      [[0.5, 0.99, 1].map((share) => round(percentile(timed, share)))],
    ),
    '## As many as possible',
    `${grouped(views)} views of ${grouped(pages)} pages by ${grouped(users)} users, sent within ` +
      `${round(sendingSeconds)} s and all in the table after ${round(seconds)} s. The dashboard used at most ` +
      `${Math.round(peakMb)} MB.`,
    table(
      ['views/s', ...[...cpuMs.keys()].map((part) => `CPU µs per view: ${part}`)],
      [[grouped(views / seconds), ...[...cpuMs.values()].map((ms) => round((ms * 1_000) / views))]],
    ),
  ].join('\n\n');
}
