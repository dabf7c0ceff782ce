import { consumed, produced, serdes, StreamsBuilder } from '@millrace/streams';
import { begin, detect, type Pattern } from '@millrace/streams/cep';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import type { Found } from './flink-cep.ts';
import type { Condition, Letter, PatternCase, Step } from './pattern-case.ts';

interface Numbered extends Letter {
  readonly index: number;
}

type Taken = Readonly<Record<string, Numbered | readonly Numbered[] | undefined>>;
type AnyPattern = Pattern<Numbered, Taken, Taken, Numbered | undefined>;
type Asked = Parameters<Parameters<AnyPattern['where']>[0]>;

const letters = serdes.json<Numbered>();
const takenJson = serdes.json<Taken>();
const runsMaxPerKey = 1_000_000;

/** Finds the matches of a case with `detect`, under the test driver. */
export function findOurs(each: PatternCase, grace = 0): Found {
  const builder = new StreamsBuilder();
  const stream = builder.stream('letters', consumed(serdes.string, letters));
  const asTaken = produced(serdes.string, takenJson);
  const timedOut = each.withinMs !== undefined && {
    timedOut: (partial: { to(topic: string, options: typeof asTaken): void }) =>
      partial.to('timed-out', asTaken),
  };
  detect(stream, patternOf(each), { grace, runsMaxPerKey, ...timedOut }).to('matches', asTaken);
  using driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic('letters', serdes.string, letters);
  each.events.forEach((event, index) => input.pipeInput('key', { ...event, index }, event.timeMs));
  const end = { letter: 'end', number: 0, index: -1, timeMs: 1_000_000 };
  input.pipeInput('another key', end, end.timeMs);
  const recordsOf = (topic: string) =>
    driver.createOutputTopic(topic, serdes.string, takenJson).readRecordsToList();
  return {
    matches: recordsOf('matches')
      .filter(({ key }) => key === 'key')
      .map(({ value }) => inWords(value!)),
    timedOut: recordsOf('timed-out')
      .filter(({ key }) => key === 'key')
      .map(({ value, timestampMs }) => `${inWords(value!)}@${timestampMs}`),
  };
}

const inWords = (taken: Taken): string =>
  Object.entries(taken)
    .map(([step, events]) => `${step}:${[events ?? []].flat().map((event) => (event as Numbered).index)}`)
    .join(' ');

function patternOf({ steps, withinMs, skip }: PatternCase): AnyPattern {
  let pattern = begin<Numbered, string>(steps[0]!.name) as unknown as AnyPattern;
  for (const [at, step] of steps.entries()) {
    if (at > 0) pattern = pattern[step.contiguity](step.name) as unknown as AnyPattern;
    pattern = withStep(pattern, step);
  }
  if (withinMs !== undefined) pattern = pattern.within(withinMs);
  return 'step' in skip ? pattern[skip.kind](skip.step) : pattern[skip.kind]();
}

function withStep(start: AnyPattern, step: Step): AnyPattern {
  let pattern = start;
  for (const condition of step.conditions) pattern = pattern.where(holds(condition, step.name));
  if (step.times === 'oneOrMore') pattern = pattern.oneOrMore() as AnyPattern;
  else if (step.times !== undefined) pattern = pattern.times(step.times) as AnyPattern;
  if (step.until !== undefined) pattern = pattern.until(holds(step.until, step.name));
  return step.isOptional ? (pattern.optional() as AnyPattern) : pattern;
}

/** What `Condition.java` does. */
function holds(condition: Condition, step: string): (...asked: Asked) => boolean {
  switch (condition.kind) {
    case 'letter':
      return (event) => event.letter === condition.letter;
    case 'differs':
      return (event, { previous }) => event.letter !== previous?.letter;
    case 'rises':
      return (event, { previous }) => previous === undefined || previous.number <= event.number;
    case 'sum':
      return (event, { taken }) => {
        const own = [(taken as Taken)[step] ?? []].flat() as readonly Numbered[];
        return own.reduce((sum, { number }) => sum + number, event.number) <= condition.limit;
      };
  }
}
