import { GraphBranches } from './graph-branches.ts';
import { GraphGroupedTable } from './graph-grouped-table.ts';
import { GraphGroupedStream } from './graph-grouped-stream.ts';
import { GraphStream } from './graph-stream.ts';
import { GraphTable } from './graph-table.ts';
import type { Wrap } from './wrap.ts';

export const wrapStates: Wrap = {
  stream: (state) => new GraphStream(state, wrapStates),
  groupedStream: (state) => new GraphGroupedStream(state, wrapStates),
  branches: (split) => new GraphBranches(split, wrapStates),
  groupedTable: (state) => new GraphGroupedTable(state, wrapStates),
  table: (state) => new GraphTable(state, wrapStates),
};
