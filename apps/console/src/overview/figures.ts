/** A sample of a metric with the service whose process has exposed it. */
export interface ServiceSample {
  readonly service: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

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

  /** Adds up what every process counts for itself. */
  sum(name: string, service: string): number {
    return this.of(name, service).reduce((sum, { value }) => sum + finite(value), 0);
  }

  /** Takes the highest, of figures that every process of a service reads from the same database. */
  highest(name: string, service: string): number {
    return this.of(name, service).reduce((highest, { value }) => Math.max(highest, finite(value)), 0);
  }

  /** Combines samples with the same labels of the given names. */
  by<Label extends string>(
    name: string,
    labels: readonly Label[],
    combine: (one: number, other: number) => number,
  ): ReadonlyArray<Readonly<Record<Label | 'service', string>> & { readonly value: number }> {
    const groups = new Map<string, Record<string, string> & { value: number }>();
    for (const sample of this.of(name)) {
      const named = labels.map((label) => [label, sample.labels[label] ?? ''] as const);
      const key = JSON.stringify([sample.service, named]);
      const before = groups.get(key);
      const value = before === undefined ? finite(sample.value) : combine(before.value, finite(sample.value));
      groups.set(key, Object.assign(Object.fromEntries(named), { service: sample.service, value }) as never);
    }
    return [...groups.values()] as never;
  }
}

/** A figure that cannot be known is exposed as NaN. */
const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

export const added = (one: number, other: number): number => one + other;
export const higher = (one: number, other: number): number => Math.max(one, other);
