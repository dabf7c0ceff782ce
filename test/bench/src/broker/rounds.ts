import { BenchTopics } from './bench-topics.ts';
import type { Measure, Sample } from './measures.ts';
import type { NativeClient } from './native-run.ts';
import { wantedMeasures, type BrokerBenchOptions } from './options.ts';
import { Results } from './results.ts';
import type { Subject } from './subjects.ts';

/** One engine, and what its measures have kept for the next round. */
class Turn {
  readonly subject: Subject;
  readonly #client: NativeClient;
  readonly #topics: BenchTopics;
  readonly #rates = new Map<string, number>();
  readonly #kept = new Map<string, Map<string, string>>();

  constructor(subject: Subject, client: NativeClient) {
    this.subject = subject;
    this.#client = client;
    this.#topics = new BenchTopics(subject);
  }

  async take({ name, run }: Measure, seconds: number): Promise<Sample> {
    const kept = this.#kept.get(name) ?? new Map<string, string>();
    this.#kept.set(name, kept);
    const tools = {
      client: this.#client,
      topics: this.#topics,
      seconds,
      perSecondBefore: this.#rates.get(name),
      kept,
    };
    const sample = await run(this.subject, tools);
    if (sample.perSecond !== undefined) this.#rates.set(name, sample.perSecond);
    return sample;
  }
}

export interface RoundsSetting {
  readonly client: NativeClient;
  readonly subjects: readonly Subject[];
  readonly say: (line: string) => void;
}

/** The largest share of the time limit that the warm-up may take. */
const warmUpShare = 1 / 3;

/**
 * Runs every measure on each engine in turns. Rounds are the outermost loop, so that every measure
 * has run equally often, give or take one, when the time is up.
 */
export async function takeRounds(
  options: BrokerBenchOptions,
  { client, subjects, say }: RoundsSetting,
): Promise<Results> {
  const { rounds, seconds, limit, quick } = options;
  const results = new Results();
  const wanted = wantedMeasures(options);
  const turns = subjects.map((subject) => new Turn(subject, client));
  const begun = performance.now();
  const isOver = (share: number) => performance.now() - begun > limit * share * 1_000;
  const take = async (
    round: number,
    share: number,
    note: (turn: Turn, measure: Measure, sample: Sample) => void,
  ): Promise<boolean> => {
    for (const measure of wanted) {
      if (isOver(share)) return false;
      for (const turn of inTurn(turns, measure, round))
        note(turn, measure, await triedSample(turn, measure, { seconds, say }));
    }
    return true;
  };
  if (!quick) {
    say('warming up, and finding out how many records a run takes');
    await take(1, warmUpShare, () => undefined);
  }
  for (let round = 1; round <= rounds; round += 1) {
    const whole = await take(round, 1, ({ subject }, { name }, sample) => {
      results.add(name, subject.name, sample);
      say(`round ${round} of ${rounds}: ${name.padEnd(36)} ${subject.name.padEnd(12)} ${inWords(sample)}`);
    });
    if (whole) continue;
    say(`the time is up in round ${round}`);
    break;
  }
  return results;
}

/**
 * Runs a measure. If a run fails because the machine is busy with other work, its result is simply
 * missing.
 */
async function triedSample(
  turn: Turn,
  measure: Measure,
  { seconds, say }: { readonly seconds: number; readonly say: RoundsSetting['say'] },
): Promise<Sample> {
  try {
    return await turn.take(measure, seconds);
  } catch (error) {
    say(
      `${measure.name}, ${turn.subject.name}: no result: ` +
        `${error instanceof Error ? error.message.slice(0, 300) : String(error)}`,
    );
    return {};
  }
}

/** Alternates the engine that comes first. */
function inTurn(turns: readonly Turn[], measure: Measure, round: number): readonly Turn[] {
  const taking = turns.filter(({ subject }) => measure.subjects.includes(subject.name));
  return round % 2 === 0 ? taking.toReversed() : taking;
}

const inWords = (sample: Sample): string =>
  Object.entries(sample)
    .map(([metric, value]) => `${metric} ${value >= 100 ? Math.round(value) : value.toFixed(3)}`)
    .join(', ');
