import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { installKafka, kafkaVersion } from '@millrace/embedded-kafka';

/** A field in Apache Kafka's own message schemas (`clients/src/main/resources/common/message`). */
export interface KafkaField {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly default?: string | number | boolean;
  readonly tag?: number;
  readonly fields?: readonly KafkaField[];
}

export interface KafkaMessageSchema {
  readonly name: string;
  readonly apiKey?: number;
  readonly type: string;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly latestVersionUnstable?: boolean;
  readonly fields: readonly KafkaField[];
  readonly commonStructs?: ReadonlyArray<{ readonly name: string; readonly fields: readonly KafkaField[] }>;
}

const folder = 'common/message/';

/**
 * Reads every message of the installed Apache Kafka by name (`FetchRequest`), from the JSON files
 * in the jar of its clients.
 */
export async function kafkaMessageSchemas(): Promise<ReadonlyMap<string, KafkaMessageSchema>> {
  const jar = await readFile(join(await installKafka(), `kafka-clients-${kafkaVersion()}.jar`));
  const schemas = zipEntries(jar)
    .filter(({ name }) => name.startsWith(folder) && name.endsWith('.json'))
    .map((entry) => JSON.parse(withoutComments(contentOf(jar, entry))) as KafkaMessageSchema);
  return new Map(schemas.map((schema) => [schema.name, schema]));
}

/** Removes the comments, which Kafka's files have on separate lines. */
const withoutComments = (text: string): string => text.replaceAll(/^\s*\/\/.*$/gm, '');

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressedBytes: number;
  readonly headerAt: number;
}

const endOfDirectoryBytes = 22;
const deflated = 8;

/**
 * Reads the central directory of a ZIP file (APPNOTE 4.3.12). Jars are small enough for its 32-bit
 * form.
 */
function zipEntries(zip: Buffer): readonly ZipEntry[] {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'), zip.length - endOfDirectoryBytes);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const nameBytes = zip.readUInt16LE(at + 28);
    const entry = {
      name: zip.toString('utf8', at + 46, at + 46 + nameBytes),
      method: zip.readUInt16LE(at + 10),
      compressedBytes: zip.readUInt32LE(at + 20),
      headerAt: zip.readUInt32LE(at + 42),
    };
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    return entry;
  });
}

function contentOf(zip: Buffer, { method, compressedBytes, headerAt }: ZipEntry): string {
  const start = headerAt + 30 + zip.readUInt16LE(headerAt + 26) + zip.readUInt16LE(headerAt + 28);
  const bytes = zip.subarray(start, start + compressedBytes);
  return (method === deflated ? inflateRawSync(bytes) : bytes).toString('utf8');
}
