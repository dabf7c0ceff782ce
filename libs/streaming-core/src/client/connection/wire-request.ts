import { ProtocolError, Writer, type Connection, type Reader } from '@platformatic/kafka';
import type { Api } from '../../protocol/api.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { InOf, OutOf } from '../../protocol/schema.ts';
import type { Fields } from '../../protocol/field.ts';
import { WireReader } from '../../protocol/wire-reader.ts';
import { WireWriter } from '../../protocol/wire-writer.ts';
import { apiVersions } from '../../protocol/apis/api-versions.ts';

/**
 * Sends one request in our own encoding over a connection of the library, which provides TLS,
 * credentials and the time limit. The caller must check the error codes in the response.
 */
export function request<Request extends Fields, Response extends Fields>(
  connection: Connection,
  api: Api<Request, Response>,
  version: number,
  body: InOf<Request>,
): Promise<OutOf<Response>> {
  const flexible = api.request.isFlexible(version);
  const read = (_id: number, _key: number, _version: number, answer: Reader) =>
    api.response.codec(version).read(new WireReader(answer.buffer.buffer)) as OutOf<Response>;
  return new Promise((resolve, reject) =>
    connection.send(
      api.key,
      version,
      () => payloadOf(api, version, body),
      read,
      flexible,
      flexible && api.key !== apiVersions.key, // KIP-511: the header of its response has no tags
      (error, answer) => (error ? reject(error) : resolve(answer as OutOf<Response>)),
    ),
  );
}

function payloadOf<Request extends Fields>(api: Api<Request>, version: number, body: InOf<Request>): Writer {
  const bytes = new WireWriter();
  api.request.codec(version).write(bytes, body);
  const payload = Writer.create();
  for (const chunk of bytes.chunks()) payload.append(chunk);
  return payload;
}

/** Throws a `ProtocolError` for every code but NONE. */
export function accept(errorCode: number, message: string | null = null): void {
  if (errorCode !== errorCodes.NONE) throw new ProtocolError(errorCode, message);
}
