import { describe, expect, it } from '@jest/globals';
import { minutes, type Serde, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { type BookingRow, bookingsToWarehouse } from './topologies/etl.ts';
import { type HostMetric, serviceLoad } from './topologies/host-metrics.ts';
import { sensorMeans } from './topologies/sensors.ts';
import { type TripEvent, trips, tripTracking } from './topologies/trips.ts';

const text = serdes.string;
const second = 1_000;

describe('G48 trips, as Uber follows them', () => {
  const drive = (...events: readonly (readonly [TripEvent['event'], number, number, number])[]) => {
    const driver = new TopologyTestDriver(tripTracking());
    const input = driver.createInputTopic('trip-events', text, serdes.json<TripEvent>());
    for (const [event, atMs, x, y] of events) input.pipeInput('trip-1', { event, atMs, x, y }, atMs);
    return driver;
  };

  it('show where a trip is and how far it has come, and tell it once when it has ended', () => {
    using driver = drive(
      ['started', 0, 0, 0],
      ['moved', second, 300, 400],
      ['moved', 2 * second, 300, 1_000],
    );
    const state = driver.getKeyValueStore<string, unknown>('trips').get('trip-1');
    expect(state).toMatchObject({ event: 'moved', x: 300, y: 1_000, metres: 1_100 });
    expect(ended(driver)).toEqual([]);

    const input = driver.createInputTopic('trip-events', text, serdes.json<TripEvent>());
    input.pipeInput('trip-1', { event: 'ended', atMs: 3 * second, x: 0, y: 1_000 }, 3 * second);
    expect(ended(driver)).toEqual([
      ['trip-1', { event: 'ended', startedMs: 0, atMs: 3 * second, x: 0, y: 1_000, metres: 1_400 }],
    ]);
  });

  it('ignore what comes before the start', () => {
    using driver = drive(['moved', 0, 9_000, 0], ['started', 0, 0, 0], ['ended', second, 0, 50]);
    expect(ended(driver).map(([, trip]) => trip?.metres)).toEqual([50]);
  });

  const ended = (driver: TopologyTestDriver) => outputOf(driver, 'ended-trips', text, trips);
});

describe('G48 sensors', () => {
  it('have one mean per minute, with late readings within the grace, and an alarm above 80 °C', () => {
    const readings = [
      ['boiler', 70, 0],
      ['boiler', 100, 59 * second],
      ['boiler', 91, 65 * second],
      ['boiler', 100, 58 * second], // 7 s late
      ['pump', 20, 10 * second],
      ['pump', 20, 5 * 60 * second], // ends both minutes
    ] as const;
    using driver = new TopologyTestDriver(sensorMeans());
    const input = driver.createInputTopic('sensor-readings', text, serdes.double);
    for (const [sensor, celsius, atMs] of readings) input.pipeInput(sensor, celsius, atMs);

    const minute = serdes.timeWindowed(text, minutes(1));
    const read = (topic: string) =>
      outputOf(driver, topic, minute, serdes.double).map(([key, mean]) => [
        key?.key,
        key?.window.startMs,
        mean,
      ]);
    expect(read('sensor-means').sort()).toEqual([
      ['boiler', 0, 90],
      ['boiler', minutes(1), 91],
      ['pump', 0, 20],
    ]);
    expect(read('sensor-alarms')).toHaveLength(2);
  });
});

describe('G48 metrics of all hosts, as LinkedIn collects them', () => {
  it('add up per service, whatever a host reports again, moves to or leaves', () => {
    const reports: readonly (readonly [string, HostMetric | null])[] = [
      ['host-1', { service: 'feed', requestsPerSecond: 100 }],
      ['host-2', { service: 'feed', requestsPerSecond: 50 }],
      ['host-1', { service: 'feed', requestsPerSecond: 120 }],
      ['host-2', { service: 'jobs', requestsPerSecond: 70 }],
      ['host-1', null],
    ];
    using driver = new TopologyTestDriver(serviceLoad());
    const input = driver.createInputTopic('host-metrics', text, serdes.json<HostMetric>());
    for (const [host, metric] of reports) input.pipeInput(host, metric, 0);

    expect(new Map(outputOf(driver, 'service-load-output', text, serdes.double))).toEqual(
      new Map([
        ['feed', 0],
        ['jobs', 70],
      ]),
    );
  });
});

describe('G48 ETL, as Airbnb has replaced it', () => {
  it('extracts each line, converts its price, loads the row, and keeps apart what it cannot', () => {
    using driver = new TopologyTestDriver(bookingsToWarehouse());
    driver.createInputTopic('euros-per-currency', text, serdes.double).pipeInput('USD', 0.5, 0);
    const lines = driver.createInputTopic('booking-lines', text, text);
    lines.pipeInput('b1', 'loft-7;3;240;USD', 0);
    lines.pipeInput('b2', 'loft-7;three;240;USD', 0);
    lines.pipeInput('b3', 'loft-7;3;240;XXX', 0);

    const row = serdes.json<BookingRow>();
    expect(outputOf(driver, 'booking-rows', text, row)).toEqual([
      ['b1', { listing: 'loft-7', nights: 3, euros: 120 }],
    ]);
    expect(outputOf(driver, 'refused-booking-lines', text, text)).toEqual([
      ['b2', 'loft-7;three;240;USD'],
      ['b3', 'loft-7;3;240;XXX'],
    ]);
  });
});

const outputOf = <Key, Value>(
  driver: TopologyTestDriver,
  topic: string,
  key: Serde<Key>,
  value: Serde<Value>,
) =>
  driver
    .createOutputTopic(topic, key, value)
    .readRecordsToList()
    .map((record) => [record.key, record.value] as const);
