import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { orderEvents } from '@millrace/contracts';
import type { Message } from '@millrace/streaming-core/contract';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { startTestBroker } from '@millrace/testing/engine';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { until } from '@millrace/testing/within';

const completedAt = '2026-11-26T09:00:00.000Z';
const completed = (orderId: string) => orderEvents.OrderCompleted({ orderId, completedAt });
const command = programCommand('test/how-to/src/clients/completed-orders.program.ts');

/** Runs the program until it has printed this many lines, and stops it as Ctrl-C does. */
async function linesOf(bootstrapServers: string, count: number): Promise<readonly string[]> {
  const env = { ...programEnvironment(), KAFKA_BOOTSTRAP_SERVERS: bootstrapServers };
  const program = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  program.stdout.on('data', (chunk) => (printed += String(chunk)));
  const lines = () => printed.split('\n').slice(0, -1);
  const ended = once(program, 'exit');
  try {
    await until(
      () => Promise.resolve(lines()),
      ({ length }) => length >= count,
    );
  } finally {
    program.kill('SIGINT');
  }
  expect(await ended).toEqual([0, null]);
  return lines();
}

describe('a program that reads events', () => {
  it('prints the completed orders, and continues after them when it starts again', async () => {
    const broker = await startTestBroker();
    const connection = { bootstrapServers: [broker.bootstrapServers], clientId: 'test' };
    const { name } = orderEvents.declaration;
    await using admin = connectAdmin(connection);
    await admin.createTopics([orderEvents.declaration]);
    await using producer = connectProducer(connection);
    const send = (id: string, { type, ...fields }: Message) =>
      producer.send([
        {
          topic: name,
          key: String(fields.orderId),
          value: JSON.stringify({ type, ...fields }),
          headers: { ce_id: id, ce_type: type },
        },
      ]);
    const orders = ['0199e5a0-0000-7000-8000-000000000001', '0199e5a0-0000-7000-8000-000000000002'] as const;

    await send('m1', completed(orders[0]));
    await send('m2', orderEvents.ReturnDenied({ orderId: orders[0], reason: 'denied' }));
    const first = await linesOf(broker.bootstrapServers, 1);
    await send('m3', completed(orders[1]));
    const second = await linesOf(broker.bootstrapServers, 1);

    expect(first).toEqual([`m1: order ${orders[0]} was completed at ${completedAt}`]);
    expect(second).toEqual([`m3: order ${orders[1]} was completed at ${completedAt}`]);
    await broker.stop();
  });
});
