import { aggregationCases } from './aggregations.ts';
import { failureCases } from './failures.ts';
import { joinCombinationCases } from './join-combinations.ts';
import { processorCases } from './processors.ts';
import { statelessCases } from './stateless.ts';
import { streamJoinCases } from './stream-joins.ts';
import { suppressCases } from './suppress.ts';
import { tableJoinCases } from './table-joins.ts';
import { tableCases } from './tables.ts';
import type { TopologyCase } from './topology-case.ts';
import { windowCases } from './windows.ts';

export const allCases: readonly TopologyCase[] = [
  ...statelessCases,
  ...aggregationCases,
  ...windowCases,
  ...suppressCases,
  ...streamJoinCases,
  ...tableCases,
  ...tableJoinCases,
  ...joinCombinationCases,
  ...processorCases,
  ...failureCases,
];
