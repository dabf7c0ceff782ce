import { figureGauge, type Watch } from '@millrace/service-chassis/service';

type Registry = Parameters<typeof figureGauge>[0];

/** The error that stopped the store, or undefined while it runs. */
export interface StoreFailure {
  error?: Error;
}

/** Watches whether this process still follows its topic and its group. Prometheus reads the same figure. */
export function failureWatch(registry: Registry, failure: StoreFailure): Watch {
  const value = () => (failure.error === undefined ? 0 : 1);
  figureGauge(registry, {
    name: 'millrace_registry_failed',
    help: '1 if an error has ended the reading of the topic of schemas, or the membership in the group, else 0',
    labels: [],
    figures: () => [{ labels: {}, value: value() }],
  });
  return { name: 'schema registry', look: () => [{ alarm: 'registry_failed', value: value() }] };
}
