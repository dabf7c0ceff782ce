import {
  consumed,
  materialized,
  minutes,
  produced,
  seconds,
  serdes,
  StreamsBuilder,
  timeWindows,
  type Topology,
  untilWindowCloses,
} from '@millrace/streams';

const readings = serdes.json<{ readonly count: number; readonly sum: number }>();
const alarmAbove = 80;

/** G48, sensors: the mean of each sensor and minute, once the minute has ended, and those above 80 °C as alarms. */
export function sensorMeans(): Topology {
  const builder = new StreamsBuilder();
  const perMinute = produced(serdes.timeWindowed(serdes.string, minutes(1)), serdes.double);
  const means = builder
    .stream('sensor-readings', consumed(serdes.string, serdes.double))
    .groupByKey()
    .windowedBy(timeWindows(minutes(1)).grace(seconds(10)))
    .aggregate(
      () => ({ count: 0, sum: 0 }),
      (_sensor, celsius, { count, sum }) => ({ count: count + 1, sum: sum + celsius }),
      materialized('sensor-minutes', { valueSerde: readings }),
    )
    .suppress(untilWindowCloses({ recordsMax: 100_000 }))
    .toStream()
    .mapValues((minute) => (minute === null ? null : minute.sum / minute.count));
  means.to('sensor-means', perMinute);
  means.filter((_minute, celsius) => celsius !== null && celsius > alarmAbove).to('sensor-alarms', perMinute);
  return builder.build();
}
