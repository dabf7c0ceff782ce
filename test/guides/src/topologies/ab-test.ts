import {
  consumed,
  grouped,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '@millrace/streams';

export interface TestEvent {
  readonly variant: string;
  readonly action: 'shown' | 'bought';
}

interface Conversion {
  readonly shown: number;
  readonly bought: number;
}

const events = serdes.json<TestEvent>();
const conversions = serdes.json<Conversion>();

/** G48, Netflix: the share of those who were shown a variant and bought, per variant. */
export function abTest(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('ab-test-events', consumed(serdes.string, events))
    .groupBy((_user, { variant }) => variant, grouped(serdes.string, events))
    .aggregate<Conversion>(
      () => ({ shown: 0, bought: 0 }),
      (_variant, { action }, counts) => ({ ...counts, [action]: counts[action] + 1 }),
      materialized('conversions', { valueSerde: conversions }),
    )
    .toStream()
    .mapValues((counts) => (counts === null ? null : counts.bought / Math.max(1, counts.shown)))
    .to('conversion-rates', produced(serdes.string, serdes.double));
  return builder.build();
}
