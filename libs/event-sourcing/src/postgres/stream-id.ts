import { EventStoreError } from '../errors.ts';
import { streamIdCharactersMax } from '../limits.ts';

/** What PostgreSQL's text cannot hold: NUL and half a surrogate pair. */
const unstorable = /\0|\p{Surrogate}/u;

export function assertStreamId(stream: string): void {
  if (stream.length === 0 || stream.length > streamIdCharactersMax || unstorable.test(stream))
    throw new EventStoreError(
      'invalid_stream_id',
      `${JSON.stringify(stream.slice(0, 80))} is no stream id: 1 to ${streamIdCharactersMax} characters`,
    );
}
