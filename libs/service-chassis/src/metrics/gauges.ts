import { Gauge, type Registry } from 'prom-client';

/** A figure that is asked for at each scrape. */
export function presentGauge(registry: Registry, name: string, help: string, present: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(present());
    },
  });
}

interface FigureGaugeOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** What the last look found. */
  readonly figures: () => ReadonlyArray<{
    readonly labels: Readonly<Record<Label, string>>;
    readonly value: number;
  }>;
}

/** The figures of a watch as one metric: what the last look did not find has no series any more. */
export function figureGauge<Label extends string>(
  registry: Registry,
  { name, help, labels, figures }: FigureGaugeOptions<Label>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const figure of figures()) this.set(figure.labels, figure.value);
    },
  });
}
