import type { FetchedRecord, ProducerHeader, ProducerRecord } from '@millrace/streaming-core/client';
import type { Converter, MaybePromise } from '../converters/converter.ts';
import type { ConnectHeader, ConnectRecord, Data, SinkRecord, SourceRecord } from '../record/records.ts';
import type { ConversionStage, RecordPipeline } from '../settings/record-pipeline.ts';
import type { TransformFailed } from '../transforms/transform-chain.ts';
import { transformed } from '../transforms/transform-chain.ts';
import { ConversionFailed } from './record-errors.ts';

type Bytes = MaybePromise<Buffer | null>;

/** Converts a source's record for the log. Returns undefined if a transform leaves it out. */
export function recordForLog(
  pipeline: RecordPipeline,
  source: SourceRecord,
): MaybePromise<ProducerRecord | undefined> {
  const record = changed(pipeline, source);
  if (record === undefined) return undefined;
  const { topic, partition, timestampMs } = record;
  const rest = {
    ...(partition !== undefined && { partition }),
    ...(timestampMs !== undefined && { timestampMs }),
  };
  // A promise costs more than most conversions, so the code awaits only converters that return one.
  const key = handled(toBytes(pipeline, 'KEY_CONVERTER', record));
  const value = toBytes(pipeline, 'VALUE_CONVERTER', record);
  const isWhole = record.headers.length === 0 && !(key instanceof Promise) && !(value instanceof Promise);
  return isWhole ? { topic, key, value, ...rest } : awaitedForLog(pipeline, record, { key, value, rest });
}

/** If the value fails at once, nobody awaits the key, and its rejection must not end the process. */
function handled<Result>(key: MaybePromise<Result>): MaybePromise<Result> {
  if (key instanceof Promise) key.catch(() => undefined);
  return key;
}

async function awaitedForLog(
  pipeline: RecordPipeline,
  record: ConnectRecord,
  {
    key,
    value,
    rest,
  }: { readonly key: Bytes; readonly value: Bytes; readonly rest: Partial<ProducerRecord> },
): Promise<ProducerRecord> {
  const [keyBytes, valueBytes] = await Promise.all([key, value]);
  return {
    topic: record.topic,
    key: keyBytes,
    value: valueBytes,
    ...rest,
    ...(record.headers.length > 0 && { headers: await headersForLog(pipeline, record) }),
  };
}

/** Converts a record of the log for a sink. Returns undefined if a transform leaves it out. */
export function recordForSink(
  pipeline: RecordPipeline,
  fetched: FetchedRecord,
): MaybePromise<SinkRecord | undefined> {
  const key = handled(toData(pipeline, 'KEY_CONVERTER', fetched.topic, fetched.key));
  const value = toData(pipeline, 'VALUE_CONVERTER', fetched.topic, fetched.value);
  const isWhole = fetched.headerList.length === 0 && !(key instanceof Promise) && !(value instanceof Promise);
  return isWhole
    ? sinkRecord(pipeline, fetched, key, value, [])
    : awaitedForSink(pipeline, fetched, key, value);
}

async function awaitedForSink(
  pipeline: RecordPipeline,
  fetched: FetchedRecord,
  key: MaybePromise<Data>,
  value: MaybePromise<Data>,
): Promise<SinkRecord | undefined> {
  const [keyData, valueData] = await Promise.all([key, value]);
  const headers: ConnectHeader[] = [];
  for (const header of fetched.headerList) {
    const data = await toData(pipeline, 'HEADER_CONVERTER', fetched.topic, header.value);
    headers.push({ ...data, key: header.name });
  }
  return sinkRecord(pipeline, fetched, keyData, valueData, headers);
}

const sinkRecord = (
  pipeline: RecordPipeline,
  { topic, partition, offset, timestampMs }: FetchedRecord,
  key: Data,
  value: Data,
  headers: readonly ConnectHeader[],
): SinkRecord | undefined =>
  changed(pipeline, {
    topic,
    partition,
    key,
    value,
    headers,
    timestampMs,
    origin: { topic, partition, offset },
  });

function changed<Changed extends ConnectRecord>(
  { transforms }: RecordPipeline,
  record: Changed,
): Changed | undefined {
  if (transforms.length === 0) return record;
  try {
    return transformed(transforms, record);
  } catch (error) {
    const failed = error as TransformFailed;
    throw new ConversionFailed('TRANSFORMATION', failed.transformClass, failed.cause as Error);
  }
}

async function headersForLog(
  pipeline: RecordPipeline,
  { topic, headers }: ConnectRecord,
): Promise<readonly ProducerHeader[]> {
  const converted: ProducerHeader[] = [];
  for (const { key, ...data } of headers) {
    const value = await guarded(pipeline, 'HEADER_CONVERTER', (converter) => converter.toBytes(topic, data));
    converted.push([key, value]);
  }
  return converted;
}

const toBytes = (pipeline: RecordPipeline, stage: ConversionStage, record: ConnectRecord) =>
  guarded(pipeline, stage, (converter) =>
    converter.toBytes(record.topic, stage === 'KEY_CONVERTER' ? record.key : record.value),
  );

const toData = (pipeline: RecordPipeline, stage: ConversionStage, topic: string, bytes: Buffer | null) =>
  guarded(pipeline, stage, (converter) => converter.toData(topic, bytes));

const converterAt = {
  KEY_CONVERTER: 'key',
  VALUE_CONVERTER: 'value',
  HEADER_CONVERTER: 'header',
} as const satisfies Readonly<Record<ConversionStage, keyof RecordPipeline>>;

function guarded<Result>(
  pipeline: RecordPipeline,
  stage: ConversionStage,
  convert: (converter: Converter) => MaybePromise<Result>,
): MaybePromise<Result> {
  const failed = (error: unknown): never => {
    throw new ConversionFailed(stage, pipeline.classes[stage], error as Error);
  };
  try {
    const converted = convert(pipeline[converterAt[stage]]);
    return converted instanceof Promise ? converted.catch(failed) : converted;
  } catch (error) {
    return failed(error);
  }
}
