import { svgOf } from '../svg.ts';
import type { Metric } from './measures.ts';
import type { Results } from './results.ts';
import { subjectNames } from './subjects.ts';

/**
 * Plots the records per second of every engine, with a panel for each measure: the median and the
 * spread.
 */
export const ratesPlot = (results: Results): Promise<string> =>
  bars(results, 'perSecond', 'records per second');

/** Plots the CPU time that a record costs the broker. */
export const cpuPlot = (results: Results): Promise<string> =>
  bars(results, 'cpuUs', 'broker CPU, us per record');

function bars(results: Results, metric: Metric, title: string): Promise<string> {
  const measured = results.measures.filter((measure) =>
    subjectNames.some((name) => results.values(measure, name, metric).length > 0),
  );
  const values = measured.flatMap((measure) =>
    subjectNames.flatMap((engine) => {
      const found = results.spread(measure, engine, metric);
      return found === undefined ? [] : [{ measure, engine, ...found }];
    }),
  );
  const y = { field: 'engine', type: 'nominal', sort: [...subjectNames], title: null } as const;
  const color = { field: 'engine', type: 'nominal', sort: [...subjectNames], legend: null } as const;
  return svgOf({
    data: { values },
    columns: 3,
    facet: { field: 'measure', type: 'nominal', sort: measured, title: null },
    resolve: { scale: { x: 'independent' } },
    spec: {
      width: 190,
      layer: [
        { mark: 'bar', encoding: { y, color, x: { field: 'median', type: 'quantitative', title } } },
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { y, x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' } },
        },
      ],
    },
  });
}
