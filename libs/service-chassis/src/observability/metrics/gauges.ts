import { Gauge, type Registry } from 'prom-client';

/** Adds a gauge whose value is read at each scrape. */
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
  /** Returns the findings of the last check. */
  readonly figures: () => ReadonlyArray<{
    readonly labels: Readonly<Record<Label, string>>;
    readonly value: number;
  }>;
}

/**
 * Shows the figures of a watch as one metric. A series disappears when the last check did not find
 * it.
 */
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
