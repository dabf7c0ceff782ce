import type { Sample } from '@millrace/operations/alarms';

/** A sample with the service whose process has exposed it. */
export interface ServiceSample extends Sample {
  readonly service: string;
}

/** The samples of a service that have the same labels of some names, as one figure. */
type Combined<Label extends string> = Readonly<Record<Label | 'service', string>> & {
  readonly value: number;
};
type Combine = (one: number, other: number) => number;

/** The samples of one look at every process. */
export class Figures {
  readonly #byName: ReadonlyMap<string, readonly ServiceSample[]>;

  constructor(samples: readonly ServiceSample[]) {
    this.#byName = Map.groupBy(samples, ({ name }) => name);
  }

  of(name: string, service?: string): readonly ServiceSample[] {
    const all = this.#byName.get(name) ?? [];
    return service === undefined ? all : all.filter((one) => one.service === service);
  }

  /**
   * Returns the highest of the figures that every process of a service reads from the same
   * database.
   */
  highest(name: string, service: string): number {
    return this.of(name, service).reduce((highest, { value }) => Math.max(highest, finite(value)), 0);
  }

  /** Combines samples with the same labels of the given names. */
  by<Label extends string>(
    name: string,
    labels: readonly Label[],
    combine: Combine,
  ): ReadonlyArray<Combined<Label>> {
    const groups = new Map<string, Combined<Label>>();
    for (const sample of this.of(name)) {
      const named = labels.map((label) => [label, sample.labels[label] ?? ''] as const);
      const key = JSON.stringify([sample.service, named]);
      const before = groups.get(key);
      const value = before === undefined ? finite(sample.value) : combine(before.value, finite(sample.value));
      const { service } = sample;
      groups.set(key, { ...Object.fromEntries(named), service, value } as Combined<Label>);
    }
    return [...groups.values()];
  }
}

/** A figure that cannot be known is exposed as NaN. */
const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

export const added: Combine = (one, other) => one + other;
export const higher: Combine = (one, other) => Math.max(one, other);
