import { writeRanks, type CollectedWrite } from '@millrace/streaming-core/postgres';
import { streamsOf } from '../transaction-streams.ts';
import { columnsOf, oneStreamValues, type NewEvent, type SharedByEvents } from './new-event.ts';
import { APPEND_TO_STREAM, RECORD_EVENTS } from './write.sql.ts';
import { asWrongExpectedVersion } from './wrong-version.ts';

/** The events that one append adds to one stream. */
export interface Addition extends SharedByEvents {
  readonly stream: string;
  /** The stream's version before the append. */
  readonly expected: bigint;
  readonly events: readonly NewEvent[];
}

/** Calls one SQL function: the cheap one if it fits, otherwise the one for any number of streams. */
export const recordEvents: CollectedWrite<Addition> = {
  rank: writeRanks.events,
  async write(transaction, additions) {
    const byStream = groupByStream(additions);
    const { text, values } = statementOf(additions, byStream);
    const recorded = async () => {
      await transaction
        .query(text, values)
        .catch((error: unknown) => Promise.reject(asWrongExpectedVersion(error) ?? error));
      for (const [stream] of byStream) streamsOf(transaction).written(stream);
    };
    return { answers: recorded() };
  },
};

type AdditionsByStream = ReadonlyArray<readonly [string, readonly Addition[]]>;

function groupByStream(additions: readonly Addition[]): AdditionsByStream {
  const groups = new Map<string, Addition[]>();
  for (const addition of additions) {
    const group = groups.get(addition.stream);
    if (group === undefined) groups.set(addition.stream, [addition]);
    else group.push(addition);
  }
  return [...groups];
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

function statementOf(additions: readonly Addition[], byStream: AdditionsByStream): Statement {
  const [only, ...others] = additions;
  if (only !== undefined && others.length === 0)
    return { text: APPEND_TO_STREAM, values: oneStreamValues({ ...only, expected: String(only.expected) }) };
  const events = additions.flatMap((addition) => addition.events);
  return { text: RECORD_EVENTS, values: [...streamColumns(byStream), ...eventColumns(byStream, events)] };
}

const streamColumns = (byStream: AdditionsByStream): readonly unknown[] => [
  byStream.map(([stream]) => stream),
  byStream.map(([, [first]]) => String(first?.expected ?? 0n)),
  byStream.map(([, additions]) => additions.reduce((sum, { events }) => sum + events.length, 0)),
];

function eventColumns(byStream: AdditionsByStream, events: readonly NewEvent[]): readonly unknown[] {
  const numbers = new Map(byStream.map(([stream], index) => [stream, index + 1]));
  return [
    events.map(({ recorded }) => numbers.get(recorded.stream)),
    events.map(({ recorded }) => String(recorded.version)),
    ...columnsOf(events),
    events.map(({ recorded }) => JSON.stringify(recorded.metadata)),
    events.map(({ recorded }) => recorded.recordedAt),
  ];
}
