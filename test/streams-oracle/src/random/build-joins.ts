import { JoinWindows, serdes, streamJoined, tableJoined, type KStream, type KTable } from '@millrace/streams';
import type { Text } from '../topologies/topology-case.ts';
import { foreignKey, joinedTexts } from './functions.ts';
import type { JoinCall, Placed } from './program.ts';
import type { Results } from './results.ts';
import { joinedWithTable, nameOf, optionalStore, storeName } from './settings.ts';

type Call = Placed<JoinCall>;
type Joined<Op> = Extract<Call, { readonly op: Op }>;

export function buildJoin(call: Call, results: Results): void {
  switch (call.op) {
    case 'joinStreams':
      results.streams.set(call, streamsJoined(call, results));
      return;
    case 'joinTable':
    case 'joinGlobalTable':
      results.streams.set(call, streamWithTable(call, results));
      return;
    case 'joinTables':
      results.tables.set(call, tablesJoined(call, results));
      return;
    default:
      results.tables.set(call, joinedByForeignKey(call, results));
  }
}

function streamsJoined(call: Joined<'joinStreams'>, { streams }: Results): KStream<Text, Text> {
  const stream = streams.operand(call);
  const other = streams.operand(call, 1);
  const { beforeMs, afterMs, graceMs } = call.spans;
  const windows = new JoinWindows(beforeMs, afterMs, graceMs);
  const options = streamJoined<Text, Text, Text>({
    keySerde: serdes.string,
    valueSerde: serdes.string,
    otherValueSerde: serdes.string,
    name: nameOf(call),
    storeName: call.storeIsNamed ? storeName(call) : undefined,
  });
  switch (call.how) {
    case 'inner':
      return stream.join(other, joinedTexts, windows, options);
    case 'left':
      return stream.leftJoin(other, joinedTexts, windows, options);
    case 'outer':
      return stream.outerJoin(other, joinedTexts, windows, options);
  }
}

function streamWithTable(
  call: Joined<'joinTable' | 'joinGlobalTable'>,
  { streams, tables, globalTables }: Results,
): KStream<Text, Text> {
  const stream = streams.operand(call);
  if (call.op === 'joinTable') {
    const table = tables.operand(call, 1);
    return call.how === 'inner'
      ? stream.join(table, joinedTexts, joinedWithTable(call))
      : stream.leftJoin(table, joinedTexts, joinedWithTable(call));
  }
  const table = globalTables.operand(call, 1);
  const keyOf = (_key: Text, value: string): Text => foreignKey(value);
  return call.how === 'inner'
    ? stream.join(table, keyOf, joinedTexts, nameOf(call))
    : stream.leftJoin(table, keyOf, joinedTexts, nameOf(call));
}

function tablesJoined(call: Joined<'joinTables'>, { tables }: Results): KTable<string, string> {
  const table = tables.operand(call);
  const other = tables.operand(call, 1);
  const store = optionalStore<string>(call, call.store);
  switch (call.how) {
    case 'inner':
      return table.join(other, joinedTexts, store, nameOf(call));
    case 'left':
      return table.leftJoin(other, joinedTexts, store, nameOf(call));
    case 'outer':
      return table.outerJoin(other, joinedTexts, store, nameOf(call));
  }
}

function joinedByForeignKey(call: Joined<'joinForeign'>, { tables }: Results): KTable<string, string> {
  const table = tables.operand(call);
  const other = tables.operand(call, 1);
  const store = optionalStore<string>(call, call.store);
  const settings = tableJoined<string, string>({ name: nameOf(call) });
  return call.how === 'inner'
    ? table.join(other, foreignKey, joinedTexts, settings, store)
    : table.leftJoin(other, foreignKey, joinedTexts, settings, store);
}
