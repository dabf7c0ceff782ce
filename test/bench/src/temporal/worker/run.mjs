/**
 * The worker and the client of the Temporal side, in one process. Reads commands as lines of JSON from its standard
 * input, and answers each with a line. Its only argument has the addresses and is JSON.
 */
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { openActivities } from './activities.mjs';

const { address, databaseUrl } = JSON.parse(process.argv[2]);
const taskQueue = 'orders';
Runtime.install({ logger: new DefaultLogger('ERROR') });
const provider = { refunds: 'up' };
const { activities, prepare, effectsOf, close } = openActivities(databaseUrl, provider);
await prepare();
const connection = await Connection.connect({ address });
await registered();
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  workflowsPath: fileURLToPath(new URL('./workflows.mjs', import.meta.url)),
  activities,
  taskQueue,
});
const running = worker.run();
const client = new Client({ connection });

const start = (order) =>
  client.workflow.start('fulfillment', { taskQueue, workflowId: `order-${order.orderId}`, args: [order] });

async function timed(order, from) {
  const as = await (await start(order)).result();
  return { as, ms: performance.now() - from };
}

/** Keeps this many orders in flight. */
async function closedLoop({ orders, concurrency }) {
  const ended = [];
  const left = [...orders];
  const customer = async () => {
    for (let order = left.shift(); order !== undefined; order = left.shift())
      ended.push(await timed(order, performance.now()));
  };
  await Promise.all(Array.from({ length: concurrency }, customer));
  return ended;
}

/** Starts orders at a rate. The time of an order counts from the moment at which it was due. */
function openLoop({ orders, rate }) {
  const startedAt = performance.now();
  return Promise.all(
    orders.map(async (order, index) => {
      const dueAt = startedAt + (index * 1_000) / rate;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
      return timed(order, dueAt);
    }),
  );
}

/** Runs an order while the provider fails, tells what Temporal shows of it, and lets the provider work again. */
async function failing({ order, refunds, seconds }) {
  provider.refunds = refunds;
  const handle = await start(order);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const { status, raw } = await handle.describe();
  const during = {
    status: status.name,
    pending: (raw.pendingActivities ?? []).map(({ activityType, attempt, lastFailure }) => ({
      activity: activityType?.name,
      attempt,
      failure: lastFailure?.message,
    })),
  };
  provider.refunds = 'up';
  const healedAt = performance.now();
  const end = await handle
    .result()
    .catch((error) => `failed: ${error.cause?.cause?.message ?? error.message}`);
  const secondsToEnd = (performance.now() - healedAt) / 1_000;
  return { during, end, secondsToEnd, effects: await effectsOf(order.orderId) };
}

/** Waits until the server answers and knows the namespace of the orders. */
async function registered() {
  for (let left = 300; ; left--)
    try {
      await connection.workflowService.registerNamespace({
        namespace: 'default',
        workflowExecutionRetentionPeriod: { seconds: 86_400 },
      });
      break;
    } catch (error) {
      if (/already/i.test(error.message)) break;
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  // The frontend reads namespaces again every few seconds.
  for (let left = 300; ; left--)
    try {
      await connection.workflowService.listOpenWorkflowExecutions({
        namespace: 'default',
        maximumPageSize: 1,
      });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

const commands = {
  closedLoop: async (given) => ({ ended: await closedLoop(given) }),
  openLoop: async (given) => ({ ended: await openLoop(given) }),
  failing,
};

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line);
  const startedAt = performance.now();
  const answer = await commands[command](given);
  process.stdout.write(
    `${JSON.stringify({ ...answer, seconds: (performance.now() - startedAt) / 1_000 })}\n`,
  );
}
worker.shutdown();
await running;
await close();
process.exit(0);
