import { spreadOf, type Spread } from '../numbers.ts';
import type { Metric, Sample } from './measures.ts';
import type { SubjectName } from './subjects.ts';

/** All results, by measure, engine and round. */
export class Results {
  readonly #samples = new Map<string, Map<SubjectName, Sample[]>>();

  add(measure: string, subject: SubjectName, sample: Sample): void {
    const ofMeasure = this.#samples.get(measure) ?? new Map<SubjectName, Sample[]>();
    this.#samples.set(measure, ofMeasure);
    ofMeasure.set(subject, [...(ofMeasure.get(subject) ?? []), sample]);
  }

  get measures(): readonly string[] {
    return [...this.#samples.keys()];
  }

  /** The values in the order of the rounds, without the rounds that lack the metric. */
  values(measure: string, subject: SubjectName, metric: Metric): readonly number[] {
    return this.#byRound(measure, subject, metric).filter((value) => value !== undefined);
  }

  spread(measure: string, subject: SubjectName, metric: Metric): Spread | undefined {
    const values = this.values(measure, subject, metric);
    return values.length === 0 ? undefined : spreadOf(values);
  }

  /**
   * The ratio of one engine to another, round by round, so that a temporary disturbance affects
   * both.
   */
  ratio(
    measure: string,
    [one, other]: readonly [SubjectName, SubjectName],
    metric: Metric,
  ): Spread | undefined {
    const others = this.#byRound(measure, other, metric);
    const ratios = this.#byRound(measure, one, metric)
      .map((value, round) => (value ?? NaN) / (others[round] ?? NaN))
      .filter((ratio) => !Number.isNaN(ratio));
    return ratios.length === 0 ? undefined : spreadOf(ratios);
  }

  #byRound(measure: string, subject: SubjectName, metric: Metric): ReadonlyArray<number | undefined> {
    return (this.#samples.get(measure)?.get(subject) ?? []).map((sample) => sample[metric]);
  }
}
