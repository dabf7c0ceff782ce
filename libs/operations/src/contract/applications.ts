import { z } from 'zod';
import { pageQuery } from './pages.ts';

const node = z.object({
  name: z.string(),
  kind: z.enum(['source', 'processor', 'sink']),
  topics: z
    .array(z.string())
    .describe('The topics that a source reads or a sink writes; none if chosen for each record'),
  stores: z.array(z.string()).describe('The stores that a processor uses'),
  parents: z.array(z.string()).describe('The nodes whose records it takes'),
});

const subTopology = z
  .object({ id: z.number().int(), isGlobal: z.boolean(), nodes: z.array(node) })
  .describe('A part that runs as one task per partition; a global one fills a table in every process');

const store = z.object({
  name: z.string(),
  kind: z.enum(['key_value', 'window', 'session', 'suppress_buffer']),
  topic: z.string().nullable().describe('What it is restored from; null if nothing'),
});

const task = z.object({
  task: z.string().describe('Such as 0_1: sub-topology and partition'),
  role: z.enum(['active', 'standby']),
  partitions: z.array(z.string()).describe('What it reads, such as order-events/1; nothing for a standby'),
  storeBytes: z.number().int().nullable().describe('Bytes of its state on the disk; null for a standby'),
  streamTime: z.string().nullable().describe('The largest time of its records; null before the first one'),
  lagRecords: z.number().int().describe('Records that a standby has not applied yet'),
});

const application = z.object({
  application: z.string().describe('Its id, which is also its consumer group'),
  state: z.enum(['created', 'rebalancing', 'restoring', 'running', 'closing', 'closed', 'failed']),
  notRunningSeconds: z.number().describe('For how long it has not been running; 0 while it is'),
  failure: z.string().nullable().describe('The error that has ended it'),
  remainingRecords: z.number().int().describe('Records that are still to be restored before its tasks run'),
  subTopologies: z.array(subTopology),
  stores: z.array(store),
  tasks: z.array(task),
});

export const applicationsView = z
  .object({ items: z.array(application) })
  .describe('The stream applications of the process that answers');

export type ApplicationView = z.infer<typeof application>;
export type ApplicationsView = z.infer<typeof applicationsView>;
export type ApplicationNode = z.infer<typeof node>;

export const applicationPlace = z.string().min(1).max(249);

export const storeQuery = z
  .strictObject({
    key: z
      .string()
      .max(4_096)
      .optional()
      .describe('Only this key, as text that the serde of the key can read'),
    keyHex: z
      .string()
      .regex(/^([0-9a-fA-F]{2}){1,4096}$/, 'must be bytes as hexadecimal digits')
      .optional()
      .describe('The same as bytes, for a key that is no text'),
    limit: pageQuery.limit,
  })
  .refine(({ key, keyHex }) => key === undefined || keyHex === undefined, {
    path: ['keyHex'],
    message: 'must be absent if key is given',
  });

const storeEntry = z.object({
  key: z.unknown(),
  from: z.string().nullable().describe('The start of its window or session'),
  to: z.string().nullable().describe('The end of its session'),
  value: z.unknown(),
});

export const storeView = z
  .object({ items: z.array(storeEntry), complete: z.boolean() })
  .describe('What this process has of a store, as of its last commit; the newest window of a key first');

export type StoreEntry = z.infer<typeof storeEntry>;
export type StoreView = z.infer<typeof storeView>;
