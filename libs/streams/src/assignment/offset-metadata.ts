import { readInt64, writeInt64 } from '../serdes/number-serdes.ts';
import { decodeText, encodeText } from '../serdes/serdes.ts';

/** The times that a task commits along with the offset of a partition, so that they survive a restart. */
export interface OffsetMetadata {
  /** The largest time of a record that was processed, in Unix milliseconds, or -1 if it is unknown. */
  readonly partitionTimeMs: number;
  /** Times that nodes keep across restarts, by the names that the nodes give them. */
  readonly nodeTimes: ReadonlyMap<string, number>;
}

const unknownTimeMs = -1;
const nothing: OffsetMetadata = Object.freeze({ partitionTimeMs: unknownTimeMs, nodeTimes: new Map() });

const currentVersion = 2;
const headerBytes = 9;

/**
 * Encodes the metadata as Kafka Streams 4.3 does, in base64: version (int8, 2), time (int64), and
 * only if there are any, the number of node times (int32) and each with the length of its name
 * (int32), the name and the time (int64).
 */
export function encodeOffsetMetadata({ partitionTimeMs, nodeTimes }: OffsetMetadata): string {
  const header = Buffer.alloc(headerBytes);
  header.writeInt8(currentVersion);
  writeInt64(header, 1, partitionTimeMs);
  if (nodeTimes.size === 0) return header.toString('base64');
  const parts = [header, int32(nodeTimes.size)];
  for (const [name, timeMs] of nodeTimes) {
    const encodedName = encodeText(name);
    const encodedTime = Buffer.alloc(8);
    writeInt64(encodedTime, 0, timeMs);
    parts.push(int32(encodedName.length), Buffer.from(encodedName), encodedTime);
  }
  return Buffer.concat(parts).toString('base64');
}

/**
 * Decodes versions 1 (without node times) and 2. Anything else counts as unknown, because a tool or
 * another program may have committed offsets for the group.
 */
export function decodeOffsetMetadata(metadata: string | null | undefined): OffsetMetadata {
  const bytes = bytesOf(metadata ?? '');
  const version = bytes[0];
  if (bytes.length < headerBytes || (version !== 1 && version !== currentVersion)) return nothing;
  const partitionTimeMs = readInt64(bytes, 1);
  const nodeTimes = version === 1 ? undefined : nodeTimesOf(bytes.subarray(headerBytes));
  return { partitionTimeMs, nodeTimes: nodeTimes ?? nothing.nodeTimes };
}

/** Returns no bytes unless the text is base64 throughout. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : Buffer.alloc(0);
}

/** Returns undefined if the bytes are cut off. */
function nodeTimesOf(bytes: Buffer): ReadonlyMap<string, number> | undefined {
  const nodeTimes = new Map<string, number>();
  if (bytes.length < 4) return undefined;
  let at = 4;
  for (let left = bytes.readInt32BE(); left > 0; left -= 1) {
    if (bytes.length < at + 4) return undefined;
    const timeAt = at + 4 + bytes.readInt32BE(at);
    if (timeAt < at + 4 || bytes.length < timeAt + 8) return undefined;
    nodeTimes.set(decodeText(bytes.subarray(at + 4, timeAt)), readInt64(bytes, timeAt));
    at = timeAt + 8;
  }
  return nodeTimes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
