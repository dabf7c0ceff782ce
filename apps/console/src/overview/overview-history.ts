import type { ChartBatch, ChartName, SeriesName } from '../api/charts.ts';
import type { Overview } from '../api/overview.ts';

/** An hour of points, if a page is open all the time. */
const pointsMax = 1_800;
const seriesMax = 100;

interface Figure extends SeriesName {
  readonly value: number;
}

/**
 * The points of the charts, in at most 1.9 MB (1 MB for the 34 series of the sample business). A
 * series over the limit is left out.
 */
export class OverviewHistory {
  readonly #series = new Map<string, SeriesName>();
  readonly #points: Array<{ readonly atMs: number; readonly values: Float64Array }> = [];

  add(overview: Overview, atMs: number): void {
    const figures = new Map(figuresOf(overview).map((one) => [`${one.chart} ${one.name}`, one]));
    for (const [key, { chart, name }] of figures)
      if (this.#series.size < seriesMax && !this.#series.has(key)) this.#series.set(key, { chart, name });
    const values = Float64Array.from(this.#series.keys(), (key) => figures.get(key)?.value ?? Number.NaN);
    this.#points.push({ atMs, values });
    if (this.#points.length > pointsMax) this.#points.shift();
  }

  after(moment: number): Omit<ChartBatch, 'isFirst'> {
    return {
      series: [...this.#series.values()],
      points: this.#points
        .filter(({ atMs }) => atMs > moment)
        .map(({ atMs, values }) => ({ atMs, values: Array.from(values, shown) })),
    };
  }
}

const shown = (value: number): number | null => (Number.isNaN(value) ? null : Math.round(value * 100) / 100);

/**
 * Returns the figures of one look. A service with a silent process is left out, since that
 * process's part is unknown.
 */
function figuresOf({ services, flows, lags, sagas, deadLetters, unknown }: Overview): readonly Figure[] {
  const answering = services
    .filter(({ processes }) =>
      processes.every(({ status }) => status !== 'no answer' && status !== 'stopped'),
    )
    .map(({ service }) => service);
  const answers = ({ service }: { readonly service: string }) => answering.includes(service);
  const sent = flows.filter((flow) => flow.direction === 'sends' && answers(flow));
  return [
    ...series('messages', sent, ({ topic, perSecond }) => [topic, perSecond]),
    ...series('ended', sagas.filter(answers), (saga) => [`${saga.definition} completed`, saga.completed]),
    ...series('ended', sagas.filter(answers), (saga) => [`${saga.definition} compensated`, saga.compensated]),
    ...series('lag', lags, ({ group, messages }) => [group, messages]),
    ...series('lagSeconds', lags, ({ group, seconds }) => [group, seconds], Math.max),
    ...series('outbox', services.filter(answers), (one) => [one.service, one.outboxAgeSeconds]),
    ...series('deadLetters', unknown.length > 0 ? [] : [{ letters: 0 }, ...deadLetters], ({ letters }) => [
      'all topics',
      letters,
    ]),
  ];
}

const sum = (one: number, other: number): number => one + other;

/** Combines the values of the rows with one name. */
function series<Row>(
  chart: ChartName,
  rows: readonly Row[],
  valueOf: (row: Row) => readonly [name: string, value: number],
  combine = sum,
): readonly Figure[] {
  const found = new Map<string, number>();
  for (const [name, value] of rows.map(valueOf)) found.set(name, combine(found.get(name) ?? 0, value));
  return [...found].map(([name, value]) => ({ chart, name, value }));
}
