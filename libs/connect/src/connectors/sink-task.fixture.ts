import type { SinkConnector } from '../plugin/connector.ts';
import type { ConnectConfig } from '../plugin/setting.ts';
import type { SinkTask } from '../plugin/task.ts';
import type { ConnectSchema, StructSchema } from '../record/connect-schema.ts';
import type { Data, SinkRecord } from '../record/records.ts';

export interface StartedSink {
  readonly task: SinkTask;
  readonly rejected: string[];
}

interface SinkToStart {
  readonly connector: SinkConnector;
  readonly config: ConnectConfig;
  readonly tolerates?: boolean;
  readonly name?: string;
}

/** Starts a task as a worker does, with every default filled in. */
export async function startSink({
  connector,
  config,
  tolerates = false,
  name = 'sink',
}: SinkToStart): Promise<StartedSink> {
  const defaults = connector.settings.flatMap((setting) =>
    setting.default === undefined ? [] : [[setting.name, setting.default] as const],
  );
  const task = connector.createTask();
  const rejected: string[] = [];
  await task.start({
    connector: name,
    config: { ...Object.fromEntries(defaults), ...config },
    task: 0,
    log: () => undefined,
    ...(tolerates
      ? { reject: async (_: SinkRecord, error: Error) => void rejected.push(error.message) }
      : {}),
  });
  return { task, rejected };
}

export interface RecordParts {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset: number;
  readonly key?: Data;
  readonly value?: Data;
  readonly headers?: SinkRecord['headers'];
  readonly timestampMs?: number;
}

export const sinkRecord = ({
  topic = 'user-events',
  partition = 0,
  offset,
  key = { value: null },
  value = { value: null },
  headers = [],
  timestampMs = 1_705_315_200_000,
}: RecordParts): SinkRecord => ({
  topic,
  partition,
  key,
  value,
  headers,
  timestampMs,
  origin: { topic, partition, offset: BigInt(offset) },
});

/** Makes a record whose key is a text and whose value is JSON without a schema. */
export const jsonRecord = (
  offset: number,
  key: string | null,
  value: unknown,
  more: Partial<RecordParts> = {},
): SinkRecord => sinkRecord({ ...more, offset, key: { value: key }, value: { value } });

export const optional = (
  type: 'int32' | 'int64' | 'string' | 'bytes' | 'boolean' | 'float64' | 'float32' | 'int16',
  name?: string,
  parameters?: Readonly<Record<string, string>>,
): ConnectSchema => ({
  type,
  optional: true,
  name,
  parameters,
});

export const struct = (fields: Readonly<Record<string, ConnectSchema>>, name?: string): StructSchema => ({
  type: 'struct',
  optional: true,
  name,
  fields: Object.entries(fields).map(([field, schema]) => ({ field, schema })),
});
