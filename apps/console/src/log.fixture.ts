import { randomUUID } from 'node:crypto';
import {
  connectAdmin,
  connectProducer,
  type Admin,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import type { ConsoleConfig } from './config.ts';
import { System } from './system/system.ts';

export const testCluster = {
  bootstrapServers: [process.env['MILLRACE_TEST_BROKER'] ?? ''],
  clientId: 'console-test',
};

/** The system that consists of the broker of the test. */
export function testSystem(): System {
  process.env['KAFKA_BOOTSTRAP_SERVERS'] = testCluster.bootstrapServers.join();
  return new System({} as ConsoleConfig);
}

export const newName = (what: string): string => `${what}-${randomUUID().slice(0, 8)}`;

export async function withTestAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
  await using admin = connectAdmin(testCluster);
  return await work(admin);
}

export async function newTopic(partitions: number): Promise<string> {
  const name = newName('orders');
  await withTestAdmin((admin) => admin.topics.create([{ name, partitions }]));
  return name;
}

export async function write(records: readonly ProducerRecord[]): Promise<void> {
  await using producer = connectProducer(testCluster);
  await producer.send(records);
}
