import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from './event-store.ts';
import type { AnyFolding } from './folding.ts';
import { answerFoldEventsMax } from './limits.ts';
import { assertDeclared } from './postgres/lock-streams.ts';
import type { EventInState } from './projection.ts';
import type { Recorder } from './recorder.ts';
import { loadState } from './state.ts';
import { streamsIn, type NamedStream, type StreamSet } from './stream-set.ts';

/**
 * Stands in for the decider of a stream whose public messages do not depend on its state. The
 * answer can then be repeated from a stream of any length, because nothing is folded.
 */
export const withoutState: AnyFolding = Object.freeze({ initialState: undefined, evolve: () => undefined });

/**
 * Publishes the answer to a command again: the messages of those events in these streams that the
 * command has caused. They have the same ids, content, time and causation as the first time, so
 * every inbox takes them once. Publishes nothing while there is no answer, for instance while an
 * external call is open. The caller must hold the locks of the streams.
 *
 * Returns the streams whose answer is not repeated because it comes after their first 20,000
 * events, which would all have to be folded.
 */
export async function repeatAnswer<Call>(
  transaction: SqlTransaction,
  { store, publish }: Pick<Recorder<Call>, 'store' | 'publish'>,
  streams: StreamSet,
  commandId: string,
): Promise<readonly string[]> {
  const named = new Map(streamsIn(streams).map((each) => [each.stream, each]));
  const ids = [...named.keys()];
  assertDeclared(transaction, ids);
  const answers: EventInState[] = [];
  const outOfReach = new Set<string>();
  for (const recorded of await store.readCaused(transaction, ids, commandId)) {
    const { decider } = named.get(recorded.stream) as NamedStream;
    if (decider === withoutState) answers.push({ recorded, state: undefined });
    else if (recorded.version > answerFoldEventsMax) outOfReach.add(recorded.stream);
    else answers.push({ recorded, state: await stateAfter(recorded, decider) });
  }
  if (answers.length > 0) await publish?.(transaction, answers);
  return [...outOfReach];

  async function stateAfter({ stream, version }: RecordedEvent, decider: AnyFolding): Promise<unknown> {
    return (await loadState(transaction, store, decider, stream, { toVersion: version })).state;
  }
}
