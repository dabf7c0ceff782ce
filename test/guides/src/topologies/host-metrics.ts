import {
  consumed,
  grouped,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '@millrace/streams';

/** The newest figure of a host. */
export interface HostMetric {
  readonly service: string;
  readonly requestsPerSecond: number;
}

const metrics = serdes.json<HostMetric>();

/**
 * G48, LinkedIn: the figures of all hosts as one figure per service. The host is the key: its new figure takes the
 * place of its last one, also when it moves to another service, and null takes it out.
 */
export function serviceLoad(): Topology {
  const builder = new StreamsBuilder();
  builder
    .table('host-metrics', consumed(serdes.string, metrics))
    .groupBy((_host, metric) => [metric.service, metric], grouped(serdes.string, metrics))
    .aggregate<number>(
      () => 0,
      (_service, { requestsPerSecond }, sum) => sum + requestsPerSecond,
      (_service, { requestsPerSecond }, sum) => sum - requestsPerSecond,
      materialized('service-load', { valueSerde: serdes.double }),
    )
    .toStream()
    .to('service-load-output', produced(serdes.string, serdes.double));
  return builder.build();
}
