import type { Plot } from '../report.ts';
import type { Metric } from './measures.ts';
import type { Results } from './results.ts';
import { subjectNames } from './subjects.ts';

/**
 * The records per second of every engine, with a panel for each measure: the median and the spread;
 * and the CPU time that a record costs the broker.
 */
export const plotsOf = (results: Results): readonly Plot[] => [
  {
    name: 'broker',
    title: 'Records per second, our broker by Apache Kafka',
    spec: bars(results, 'perSecond', 'records per second'),
  },
  {
    name: 'broker-cpu',
    title: 'Broker CPU per record',
    spec: bars(results, 'cpuUs', 'broker CPU, us per record'),
  },
];

function bars(results: Results, metric: Metric, title: string): Plot['spec'] {
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
  return {
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
  };
}
