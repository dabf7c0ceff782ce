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
