import type { Api, InOf } from '../schema.ts';
import type { Fields } from '../codec.ts';
import { WireReader, MalformedRequest } from '../wire-reader.ts';
import { WireWriter } from '../wire-writer.ts';

/**
 * Request header v1 and v2. `readHeaderTags` reads the tag section of v2, once the API is known.
 * Source: https://kafka.apache.org/protocol, KIP-482.
 */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  /** Has an int16 length in both header versions. */
  readonly clientId: string | null;
}

export function readRequestHeader(reader: WireReader): RequestHeader {
  return {
    apiKey: reader.int16(),
    apiVersion: reader.int16(),
    correlationId: reader.int32(),
    clientId: reader.nullableString(),
  };
}

/** Skips the tags of a request header, none of which is in use. */
export function readHeaderTags(reader: WireReader): void {
  let previous = -1;
  for (let left = reader.uvarint(); left > 0; left -= 1) {
    const tag = reader.uvarint();
    if (tag <= previous) throw new MalformedRequest('tags must ascend');
    previous = tag;
    reader.skip(reader.uvarint());
  }
}

const apiVersionsKey = 18;

/**
 * Flexible versions have response header v1, with tags. ApiVersions always has v0, since its client
 * may not know our versions yet (KIP-511).
 */
const hasResponseTags = (api: Api<Fields, Fields>, version: number) =>
  api.key !== apiVersionsKey && api.response.isFlexible(version);

const frameHintBytes = 256;

/** Encodes a whole response frame with its size prefix, as chunks in order. */
export function encodeResponse<Response extends Fields>(
  api: Api<Fields, Response>,
  version: number,
  correlationId: number,
  body: InOf<Response>,
): readonly Buffer[] {
  const writer = new WireWriter(frameHintBytes);
  writer.int32(0);
  writer.int32(correlationId);
  if (hasResponseTags(api as unknown as Api, version)) writer.uvarint(0);
  api.response.codec(version).write(writer, body);
  return sized(writer);
}

/** Encodes a whole request frame, for tests and tools. */
export function encodeRequest<Request extends Fields>(
  api: Api<Request>,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  body: InOf<Request>,
): readonly Buffer[] {
  const writer = new WireWriter(frameHintBytes);
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(header.correlationId);
  writer.nullableString(header.clientId);
  if (api.request.isFlexible(version)) writer.uvarint(0);
  api.request.codec(version).write(writer, body);
  return sized(writer);
}

/**
 * Decodes a request frame without its size prefix, for tests and tools. The broker's dispatcher
 * reads the header first, to find the API.
 */
export function decodeRequest<Request extends Fields>(api: Api<Request>, frame: Buffer) {
  const reader = new WireReader(frame);
  const header = readRequestHeader(reader);
  if (api.request.isFlexible(header.apiVersion)) readHeaderTags(reader);
  return { header, body: api.request.codec(header.apiVersion).read(reader) };
}

/** Decodes a response frame without its size prefix. */
export function decodeResponse<Response extends Fields>(
  api: Api<Fields, Response>,
  version: number,
  frame: Buffer,
) {
  const reader = new WireReader(frame);
  const correlationId = reader.int32();
  if (hasResponseTags(api as unknown as Api, version)) readHeaderTags(reader);
  const body = api.response.codec(version).read(reader);
  if (reader.remaining > 0)
    throw new MalformedRequest(`${reader.remaining} unread bytes after the ${api.name} response`);
  return { correlationId, body };
}

function sized(writer: WireWriter): readonly Buffer[] {
  const size = writer.length - 4;
  const chunks = writer.chunks();
  chunks[0]?.writeInt32BE(size, 0);
  return chunks;
}
