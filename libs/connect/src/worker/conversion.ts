import type { FetchedRecord, ProducerHeader, ProducerRecord } from '@millrace/streaming-core/client';
import type { Converter } from '../converters/converter.ts';
import type { ConnectHeader, ConnectRecord, SinkRecord, SourceRecord } from '../record/records.ts';
import type { ConversionStage, RecordPipeline } from '../settings/record-pipeline.ts';
import type { TransformFailed } from '../transforms/transform-chain.ts';
import { transformed } from '../transforms/transform-chain.ts';
import type { Stage } from './record-errors.ts';

/** A converter or a transform has failed at a record. */
export class ConversionFailed extends Error {
  override name = 'ConversionFailed';
  readonly stage: Stage;
  readonly failedClass: string;
  readonly error: Error;

  constructor(stage: Stage, failedClass: string, error: Error) {
    super(error.message, { cause: error });
    this.stage = stage;
    this.failedClass = failedClass;
    this.error = error;
  }
}

/** Converts a source's record for the log. Returns undefined if a transform leaves it out. */
export async function recordForLog(
  pipeline: RecordPipeline,
  source: SourceRecord,
): Promise<ProducerRecord | undefined> {
  const record = changed(pipeline, source);
  if (record === undefined) return undefined;
  const { topic, partition, timestampMs } = record;
  // A promise costs more than most conversions, so the code awaits only converters that return one.
  const key = toBytes(pipeline, 'KEY_CONVERTER', record);
  const value = toBytes(pipeline, 'VALUE_CONVERTER', record);
  return {
    topic,
    key: key instanceof Promise ? await key : key,
    value: value instanceof Promise ? await value : value,
    ...(partition !== undefined && { partition }),
    ...(timestampMs !== undefined && { timestampMs }),
    ...(record.headers.length > 0 && { headers: await headersForLog(pipeline, record) }),
  };
}

/** Converts a record of the log for a sink. Returns undefined if a transform leaves it out. */
export async function recordForSink(
  pipeline: RecordPipeline,
  fetched: FetchedRecord,
): Promise<SinkRecord | undefined> {
  const { topic, partition, offset, timestampMs } = fetched;
  const key = toData(pipeline, 'KEY_CONVERTER', topic, fetched.key);
  const value = toData(pipeline, 'VALUE_CONVERTER', topic, fetched.value);
  const headers: ConnectHeader[] = [];
  for (const header of fetched.headerList) {
    const data = await toData(pipeline, 'HEADER_CONVERTER', topic, header.value);
    headers.push({ ...data, key: header.name });
  }
  return changed(pipeline, {
    topic,
    partition,
    key: key instanceof Promise ? await key : key,
    value: value instanceof Promise ? await value : value,
    headers,
    timestampMs,
    origin: { topic, partition, offset },
  });
}

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
  convert: (converter: Converter) => Result | Promise<Result>,
): Result | Promise<Result> {
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
