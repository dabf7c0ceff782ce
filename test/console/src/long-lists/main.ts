/**
 * Does `npm run verify -- console`. Prints the report as one line of JSON and progress on standard
 * error, and exits with 1 if a task took the processor for too long.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectAdmin, connectProducer, type Producer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { chromiumOnPath } from '@millrace/test-support/chromium';
import { startStack } from '@millrace/test-support/stack';
import { runServiceProcess } from '@millrace/testing/service';
import { chromium, type Page } from 'playwright-core';
import { LongSaga } from '../long-saga.ts';
import { StubService } from '../stub-service.ts';
import { measured, type Measured } from './long-tasks.ts';

/** The report that `tools/verify` reads. */
export interface LongLists {
  readonly measured: readonly Measured[];
  readonly problems: readonly string[];
}

const taskMsMax = 50;
const waitMsMax = 120_000;
const sagaEvents = 20_000;
const recordsAtOnce = 5_000;
const topic = 'long-list';

const { values } = parseArgs({
  options: { records: { type: 'string', default: '1000000' }, rows: { type: 'string', default: '2000' } },
});
const steps: Measured[] = [];

async function step(page: Page, name: string, work: (page: Page) => Promise<unknown>): Promise<void> {
  const found = await measured(page, name, work);
  steps.push(found);
  process.stderr.write(`${name}: ${found.cpuMs.toFixed(1)} ms of CPU, ${found.wallMs.toFixed(1)} ms\n`);
}

const toEnd = (page: Page, list: string) =>
  page.getByRole('region', { name: list, exact: true }).evaluate(async (element) => {
    for (let part = 1; part <= 20; part += 1) {
      element.scrollTo(0, (element.scrollHeight * part) / 20);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });

/** A console whose only service has one saga. */
async function followSaga(page: Page): Promise<void> {
  const stub = new StubService();
  await stub.start();
  const saga = new LongSaga(sagaEvents, Date.now() - 7_200_000);
  stub.answers((url) => saga.answer(url));
  const console = runServiceProcess(join(import.meta.dirname, '../../../../apps/console/src'), {
    CONSOLE_PORT: '0',
    MILLRACE_SERVICES: `order=${stub.url}`,
    MILLRACE_OPS: `order=${stub.url}`,
    LOG_LEVEL: 'error',
  });
  try {
    const { url } = await console.ready;
    const history = page.getByRole('region', { name: 'History', exact: true });
    await step(page, 'saga: open', async () => {
      await page.goto(`${url}/sagas/order/fulfillment/long`);
      await history.getByText('events 19,001 to 20,000').waitFor();
    });
    await step(page, 'saga: read all events', async () => {
      for (const earlier of ['5,000', '5,000', '5,000', '4,000'])
        await page.getByRole('button', { name: `Show ${earlier} earlier events` }).click();
      await history.getByText('20,000 events').waitFor();
    });
    await step(page, 'saga: scroll', async () => {
      await toEnd(page, 'commands and waits over time');
      await toEnd(page, 'history');
    });
    await step(page, 'saga: ten more events', async () => {
      for (let count = 1; count <= 10; count += 1) {
        saga.add();
        await history.getByText(`to 20,0${String(count).padStart(2, '0')}`).waitFor();
      }
    });
  } finally {
    console.kill('SIGTERM');
    await console.ended;
    stub.stop();
  }
}

const someRecords = () =>
  Array.from({ length: recordsAtOnce }, (_, index) => ({
    topic,
    key: `key-${index}`,
    value: JSON.stringify({ index, text: 'a message of some length, as an event of an order has' }),
  }));

async function write(producer: Producer, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += recordsAtOnce) await producer.send(someRecords());
}

async function followTopic(page: Page, address: string, bootstrapServers: readonly string[]): Promise<void> {
  const cluster = { bootstrapServers, clientId: 'long-lists', logger: silentLogger };
  await using admin = connectAdmin(cluster);
  await using producer = connectProducer(cluster);
  await admin.topics.create([{ name: topic, partitions: 6 }]);
  await write(producer, Number(values.records));
  const rows = page.locator('.line-row').nth(20);
  await step(page, 'topic: open', async () => {
    await page.goto(`${address}/topics/${topic}`);
    await rows.waitFor();
  });
  await step(page, 'topic: search', async () => {
    await page.goto(`${address}/topics/${topic}?text=no-message-has-this`);
    await page
      .getByText(/[Ss]canned/)
      .first()
      .waitFor();
  });
  await page.goto(`${address}/topics/${topic}?view=tail`);
  await page.getByText('0 messages came').waitFor();
  await step(page, 'topic: tail', async () => {
    const shown = page.getByText(
      new RegExp(`came, ${Number(values.rows).toLocaleString('en-US')} shown.*dropped`),
    );
    let isOver = false;
    const ends = shown.waitFor().finally(() => (isOver = true));
    while (!isOver) await write(producer, recordsAtOnce);
    await ends;
  });
  await step(page, 'topic: scroll the tail', () => toEnd(page, 'messages'));
}

async function main(): Promise<void> {
  const stack = await startStack({}, { console: true });
  const browser = await chromium.launch(chromiumOnPath());
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
    page.setDefaultTimeout(waitMsMax);
    await followSaga(page);
    await followTopic(page, stack.consoleUrl ?? '', stack.bootstrapServers.split(','));
  } finally {
    await browser.close();
    await stack.stop();
  }
}

await main();
const problems = steps
  .filter(({ cpuMs }) => !(cpuMs <= taskMsMax))
  .map(
    ({ step: name, cpuMs }) => `${name}: a task took ${cpuMs.toFixed(1)} ms of CPU, more than ${taskMsMax}`,
  );
process.stdout.write(`${JSON.stringify({ form: 'console', measured: steps, problems })}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
