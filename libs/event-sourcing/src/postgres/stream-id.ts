import { EventStoreError } from '../errors.ts';
import { streamIdCharactersMax } from '../limits.ts';

/** Matches what PostgreSQL cannot store as text: NUL and half a surrogate pair. */
const unstorable = /\0|\p{Surrogate}/u;

export function assertStreamId(stream: string): void {
  if (stream.length === 0 || stream.length > streamIdCharactersMax || unstorable.test(stream))
    throw new EventStoreError(
      'invalid_stream_id',
      `${JSON.stringify(stream.slice(0, 80))} is not a stream id: use 1 to ${streamIdCharactersMax} ` +
        'characters, without NUL or half a surrogate pair',
    );
}
