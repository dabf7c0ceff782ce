import { untilTimeLimit, type KTable, type Windowed } from '@millrace/streams';
import type { Text } from '../topologies/topology-case.ts';
import { markedValues } from '../topologies/value-transformers.ts';
import { changedRow, isEven, rowByLetter } from './functions.ts';
import type { Placed, TableCall } from './program.ts';
import type { Results } from './results.ts';
import { grouping, nameOf, optionalStore } from './settings.ts';

type Call = Exclude<Placed<TableCall>, { readonly op: 'aggregateRows' }>;

export function buildTableCall(call: Call, results: Results): void {
  switch (call.op) {
    case 'groupRows':
      results.rowGroups.set(call, results.tables.operand(call).groupBy(rowByLetter, grouping(call)));
      return;
    case 'rowsToStream':
      results.streams.set(call, results.tables.operand(call).toStream(nameOf(call)));
      return;
    case 'filterWindows':
      results.windows.set(call, results.windows.operand(call).filter(isEven, undefined, nameOf(call)));
      return;
    case 'windowsToStream':
      results.streams.set(
        call,
        results.windows.operand(call).toStream(nameOf(call)).map<Text, Text>(textOfWindow),
      );
      return;
    default:
      results.tables.set(call, derived(results.tables.operand(call), call));
  }
}

const textOfWindow = ({ key, window }: Windowed<string>, value: Text): readonly [Text, Text] => [
  `${key}@${window.startMs}-${window.endMs}`,
  value,
];

type Derived = Exclude<
  Call,
  { readonly op: 'groupRows' | 'rowsToStream' | 'filterWindows' | 'windowsToStream' }
>;

function derived(table: KTable<string, string>, call: Derived): KTable<string, string> {
  const named = nameOf(call);
  if (call.op === 'suppressRows') {
    const name = named === undefined ? {} : { name: `${named}-suppress` };
    const limit = call.recordsMax === 0 ? {} : { recordsMax: call.recordsMax };
    return table.suppress(untilTimeLimit(call.waitMs, { ...name, ...limit }));
  }
  const store = optionalStore<string>(call, call.store);
  switch (call.op) {
    case 'filterRows':
      return table.filter(isEven, store, named);
    case 'filterNotRows':
      return table.filterNot(isEven, store, named);
    case 'mapRows':
      return table.mapValues(changedRow, store, named);
    case 'transformRows':
      return table.transformValues(markedValues, {
        ...(store !== undefined && { materialized: store }),
        ...(named !== undefined && { named }),
      });
  }
}
