import {
  materialized,
  serdes,
  sessionWindows,
  timeWindows,
  untilTimeLimit,
  untilWindowCloses,
  type StreamsBuilder,
} from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import { texts, textStore, textTable, uncached, windowed, type TopologyCase } from './topology-case.ts';
import { byKey } from './windows.ts';

function window(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(timeWindows(10_000).grace(3_000))
    .count()
    .suppress(untilWindowCloses())
    .toStream()
    .to('out', windowed(serdes.safeLong, 10_000));
}

function session(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(sessionWindows(5_000).grace(3_000))
    .count()
    .suppress(untilWindowCloses({ name: 'closed-suppress' }))
    .toStream()
    .to('out', windowed(serdes.safeLong));
}

function timeLimit(builder: StreamsBuilder): void {
  textTable(builder, 't').suppress(untilTimeLimit(5_000)).toStream().to('out', texts());
}

function fullEmits(builder: StreamsBuilder): void {
  textTable(builder, 't')
    .mapValues((value) => `${value}'`, materialized(undefined, textStore))
    .suppress(untilTimeLimit(20_000, { recordsMax: 2 }))
    .filter((_key, value) => !value.startsWith('c'))
    .toStream()
    .to('out', texts());
}

function fullFails(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(timeWindows(10_000))
    .count()
    .suppress(untilWindowCloses({ recordsMax: 2 }))
    .toStream()
    .to('out', windowed(serdes.safeLong, 10_000));
}

const a = textInput('a');
const t = textInput('t');

export const suppressCases: readonly TopologyCase[] = [
  uncached('suppress-window', [a], window),
  uncached('suppress-session', [a], session),
  uncached('suppress-time-limit', [t], timeLimit),
  uncached('suppress-full-emits', [t], fullEmits),
  uncached('suppress-full-fails', [a], fullFails),
];
