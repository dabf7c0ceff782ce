import { listOf, type ConnectConfig } from '../../plugin/setting.ts';
import { isObject } from '../../record/fields.ts';
import type { SinkRecord } from '../../record/records.ts';
import { jsonValue, textOf } from '../json-value.ts';
import { RecordError } from '../refused-record.ts';

const idBytesMax = 512;
const indexCharactersMax = 255;

/**
 * The lines of a bulk that write a record, or undefined if it is skipped. A document whose id is
 * the key of its record has the offset as its version, so that OpenSearch refuses what is older than
 * the document. Throws a RecordError if the record cannot be a document.
 */
export function operationOf(record: SinkRecord, config: ConnectConfig): string | undefined {
  const { topic, key, value, origin } = record;
  const _index = indexOf(topic);
  if (idIsPlace(record, config)) {
    if (isNull(value.value)) return nullOf(config);
    const _id = `${origin.topic}+${origin.partition}+${origin.offset}`;
    return `${JSON.stringify({ index: { _index, _id } })}\n${documentOf(record)}\n`;
  }
  if (isNull(key.value))
    throw new RecordError('it has no key to use as the document id: set key.ignore=true');
  const _id = textOf(key);
  if (_id === '') throw new RecordError('its key is empty, which an id of a document cannot be');
  if (Buffer.byteLength(_id) > idBytesMax)
    throw new RecordError(`its key has more than ${idBytesMax} bytes, which an id of a document cannot have`);
  const version = { version: Number(origin.offset), version_type: 'external' };
  if (!isNull(value.value))
    return `${JSON.stringify({ index: { _index, _id, ...version } })}\n${documentOf(record)}\n`;
  if (config['behavior.on.null.values'] !== 'delete') return nullOf(config);
  return `${JSON.stringify({ delete: { _index, _id, ...version } })}\n`;
}

/** The name of the index for a topic, as Aiven's connector makes it. */
function indexOf(topic: string): string {
  const name = topic
    .toLowerCase()
    .slice(0, indexCharactersMax)
    .replaceAll(':', '_')
    .replace(/^[-_+]/, '');
  return /^\.{1,2}$/.test(name) ? name.replaceAll('.', 'dot') : name;
}

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

const idIsPlace = ({ topic }: SinkRecord, config: ConnectConfig): boolean =>
  (config['key.ignore'] === 'true' || listOf(config['topic.key.ignore']).includes(topic)) &&
  config['key.ignore.id.strategy'] !== 'record.key';

function nullOf(config: ConnectConfig): undefined {
  if (config['behavior.on.null.values'] === 'fail')
    throw new RecordError('its value is null: set behavior.on.null.values to delete or ignore');
}

function documentOf({ value }: SinkRecord): string {
  const document = jsonValue(value);
  if (!isObject(document)) throw new RecordError('its value is not an object');
  return JSON.stringify(document);
}
