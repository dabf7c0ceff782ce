import { round } from '../numbers.ts';
import type { Plot } from '../report.ts';
import type { Summary } from './summary.ts';

/**
 * The orders per second by number of processes, with a panel for each service: the median and the
 * spread; and the CPU time of an order in every configuration, by part.
 */
export const plotsOf = (summaries: readonly Summary[]): readonly Plot[] => [
  { name: 'scale', title: 'Orders per second by processes', spec: rates(summaries) },
  { name: 'scale-cpu', title: 'CPU time of an order by part', spec: cpu(summaries) },
];

function rates(summaries: readonly Summary[]): Plot['spec'] {
  const [alone] = summaries;
  const scaled = [...new Set(summaries.slice(1).map(({ configuration }) => configuration.scaled))];
  const values = scaled.flatMap((name) =>
    summaries
      .filter((summary) => summary === alone || summary.configuration.scaled === name)
      .map(({ configuration: { processes }, ordersPerSecond: { median, min, max } }) => ({
        scaled: name,
        processes,
        median,
        min,
        max,
      })),
  );
  const x = { field: 'processes', type: 'ordinal', title: 'processes', axis: { labelAngle: 0 } } as const;
  return {
    data: { values },
    columns: 3,
    facet: { field: 'scaled', type: 'nominal', sort: scaled, title: null },
    spec: {
      width: 150,
      height: 130,
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x, y: { field: 'min', type: 'quantitative' }, y2: { field: 'max' } },
        },
        {
          mark: { type: 'line', point: true },
          encoding: {
            x,
            y: { field: 'median', type: 'quantitative', title: 'orders per second', scale: { zero: true } },
          },
        },
      ],
    },
  };
}

function cpu(summaries: readonly Summary[]): Plot['spec'] {
  const values = summaries.flatMap(({ name, cpuMsPerOrder }) =>
    Object.entries(cpuMsPerOrder).map(([part, ms]) => ({ name, part, ms: round(ms) })),
  );
  return {
    data: { values },
    width: 460,
    mark: 'bar',
    encoding: {
      y: { field: 'name', type: 'nominal', sort: summaries.map(({ name }) => name), title: null },
      x: { field: 'ms', type: 'quantitative', title: 'CPU ms per order' },
      color: { field: 'part', type: 'nominal', title: null },
    },
  };
}
