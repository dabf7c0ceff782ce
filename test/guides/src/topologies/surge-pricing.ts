import {
  consumed,
  materialized,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type Topology,
} from '@millrace/streams';

interface CellLoad {
  readonly requests: number;
  readonly drivers: number;
}

const load = serdes.json<CellLoad>();

/** G48, Uber: requests for each free driver, per cell of the map and minute. The cell is the key. */
export function surgePricing(): Topology {
  const builder = new StreamsBuilder();
  const strings = consumed(serdes.string, serdes.string);
  const requests = builder.stream('ride-requests', strings).groupByKey();
  const drivers = builder.stream('free-drivers', strings).groupByKey();
  const key = serdes.timeWindowed(serdes.string, minutes(1));
  requests
    .cogroup<CellLoad>((_cell, _rider, cell) => ({ ...cell, requests: cell.requests + 1 }))
    .cogroup(drivers, (_cell, _driver, cell) => ({ ...cell, drivers: cell.drivers + 1 }))
    .windowedBy(timeWindows(minutes(1)))
    .aggregate(() => ({ requests: 0, drivers: 0 }), materialized('cell-load', { valueSerde: load }))
    .toStream()
    .mapValues((cell) => (cell === null ? null : cell.requests / Math.max(1, cell.drivers)))
    .to('surge', produced(key, serdes.double));
  return builder.build();
}
