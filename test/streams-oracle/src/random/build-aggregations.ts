import {
  onWindowClose,
  onWindowUpdate,
  untilWindowCloses,
  type KGroupedStream,
  type KTable,
  type Windowed,
} from '@millrace/streams';
import { added, addedOther, addedRow, merged, reduced, subtractedRow } from './functions.ts';
import type { Placed, StreamCall, TableCall, Windows } from './program.ts';
import type { Results } from './results.ts';
import {
  countStoreOf,
  nameOf,
  sessionWindowsOf,
  slidingWindowsOf,
  textStoreOf,
  timeWindowsOf,
} from './settings.ts';

type Aggregate = Extract<Placed<StreamCall>, { readonly op: 'aggregate' }>;
type Cogroup = Extract<Placed<StreamCall>, { readonly op: 'cogroup' }>;
type AggregateRows = Extract<Placed<TableCall>, { readonly op: 'aggregateRows' }>;
type Rows = KTable<string, string>;
type WindowedRows = KTable<Windowed<string>, string>;

export function buildAggregation(call: Aggregate | Cogroup | AggregateRows, results: Results): void {
  switch (call.op) {
    case 'aggregateRows':
      results.tables.set(call, rowsAggregated(call, results));
      return;
    case 'cogroup':
      if (call.windows === undefined) results.tables.set(call, cogrouped(call, results));
      else results.windows.set(call, cogroupedByWindow(call, call.windows, results));
      return;
    default: {
      const groups = results.groups.operand(call);
      if (call.windows === undefined) results.tables.set(call, aggregated(call, groups));
      else results.windows.set(call, aggregatedByWindow(call, call.windows, groups));
    }
  }
}

const emptyText = (): string => '';
const countAsText = (count: number): string => String(count);

function rowsAggregated(call: AggregateRows, { rowGroups }: Results): Rows {
  const groups = rowGroups.operand(call);
  const named = nameOf(call);
  switch (call.aggregation) {
    case 'count':
      return groups.count(countStoreOf(call, call.store), named).mapValues(countAsText);
    case 'reduce':
      return groups.reduce(addedRow, subtractedRow, textStoreOf(call, call.store), named);
    case 'aggregate':
      return groups.aggregate(
        emptyText,
        (_key, value, sum) => addedRow(sum, value),
        (_key, value, sum) => subtractedRow(sum, value),
        textStoreOf(call, call.store),
        named,
      );
  }
}

function aggregated(call: Aggregate, groups: KGroupedStream<string, string>): Rows {
  const named = nameOf(call);
  switch (call.aggregation) {
    case 'count':
      return groups.count(countStoreOf(call, call.store), named).mapValues(countAsText);
    case 'reduce':
      return groups.reduce(reduced, textStoreOf(call, call.store), named);
    case 'aggregate':
      return groups.aggregate(emptyText, added, textStoreOf(call, call.store), named);
  }
}

function aggregatedByWindow(
  call: Aggregate,
  windows: Windows,
  groups: KGroupedStream<string, string>,
): WindowedRows {
  const named = nameOf(call);
  const strategy = windows.emits === 'updates' ? onWindowUpdate : onWindowClose;
  const sessions =
    windows.kind === 'session'
      ? groups.windowedBy(sessionWindowsOf(windows)).emitStrategy(strategy)
      : undefined;
  const fixed = sessions ?? fixedWindows(groups, windows).emitStrategy(strategy);
  switch (call.aggregation) {
    case 'count':
      return suppressed(call, windows, fixed.count(countStoreOf(call, call.store), named)).mapValues(
        countAsText,
      );
    case 'reduce':
      return suppressed(call, windows, fixed.reduce(reduced, textStoreOf(call, call.store), named));
    case 'aggregate': {
      const store = textStoreOf(call, call.store);
      const table =
        sessions === undefined
          ? fixedWindows(groups, windows).emitStrategy(strategy).aggregate(emptyText, added, store, named)
          : sessions.aggregate(emptyText, added, merged, store, named);
      return suppressed(call, windows, table);
    }
  }
}

const fixedWindows = (groups: KGroupedStream<string, string>, windows: Windows) =>
  groups.windowedBy(windows.kind === 'time' ? timeWindowsOf(windows) : slidingWindowsOf(windows));

function cogrouped(call: Cogroup, results: Results): Rows {
  return cogroupOf(call, results).aggregate(emptyText, textStoreOf(call, call.store), nameOf(call));
}

function cogroupedByWindow(call: Cogroup, windows: Windows, results: Results): WindowedRows {
  const groups = cogroupOf(call, results);
  const store = textStoreOf(call, call.store);
  const named = nameOf(call);
  const table =
    windows.kind === 'session'
      ? groups.windowedBy(sessionWindowsOf(windows)).aggregate(emptyText, merged, store, named)
      : groups
          .windowedBy(windows.kind === 'time' ? timeWindowsOf(windows) : slidingWindowsOf(windows))
          .aggregate(emptyText, store, named);
  return suppressed(call, windows, table);
}

function cogroupOf(call: Cogroup, { groups }: Results) {
  const first = groups.operand(call).cogroup<string>(added);
  return call.on.length === 1 ? first : first.cogroup(groups.operand(call, 1), addedOther);
}

function suppressed<V>(
  call: Aggregate | Cogroup,
  { suppressedMax }: Windows,
  table: KTable<Windowed<string>, V>,
): KTable<Windowed<string>, V> {
  if (suppressedMax === undefined) return table;
  const name = call.isNamed ? { name: `n${call.id}-suppress` } : {};
  return table.suppress(
    untilWindowCloses({ ...name, ...(suppressedMax > 0 && { recordsMax: suppressedMax }) }),
  );
}
