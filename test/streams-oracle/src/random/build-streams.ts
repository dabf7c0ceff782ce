import { keyValueStore, serdes, type KStream, type StreamsBuilder } from '@millrace/streams';
import { texts, type Text } from '../topologies/topology-case.ts';
import { summedUp, withLast, withOrigin } from '../topologies/user-processors.ts';
import { bothWays, byLetter, isEven, letterAndBoth, quoted, valueAndLetter } from './functions.ts';
import type { Branch, Placed, StatelessOp, StreamCall } from './program.ts';
import type { Results } from './results.ts';
import { grouping, nameOf, sink, storeName, textStoreOf } from './settings.ts';

type Stream = KStream<Text, Text>;
type Call = Exclude<Placed<StreamCall>, { readonly op: 'aggregate' | 'cogroup' }>;
type CallOf<Op> = Extract<Call, { readonly op: Op }>;

export function buildStreamCall(call: Call, results: Results, builder: StreamsBuilder): void {
  const stream = results.streams.operand(call);
  switch (call.op) {
    case 'to':
      stream.to(`out-${call.id}`, sink(call));
      return;
    case 'toTable':
      results.tables.set(call, present(stream).toTable(textStoreOf(call, call.store), nameOf(call)));
      return;
    case 'groupByKey':
      results.groups.set(call, stream.groupByKey(grouping(call)));
      return;
    case 'groupBy':
      results.groups.set(call, stream.groupBy(byLetter, grouping(call)));
      return;
    case 'merge':
      results.streams.set(call, stream.merge(results.streams.operand(call, 1), nameOf(call)));
      return;
    case 'split':
      results.streams.set(call, branchOf(stream, call));
      return;
    case 'repartition':
      results.streams.set(call, repartitioned(stream, call));
      return;
    case 'withLast':
    case 'summedUp':
      results.streams.set(call, withStore(stream, call, builder));
      return;
    default:
      results.streams.set(call, stateless(stream, call.op, nameOf(call)));
  }
}

/** Tables skip records without a key, and let null delete, which their type does not say. */
const present = (stream: Stream): KStream<string, string> => stream as unknown as KStream<string, string>;

const branchNames: readonly Branch[] = ['even', 'empty', 'rest'];

/** Goes on with one of the branches. The others are written to topics. */
function branchOf(stream: Stream, call: CallOf<'split'>): Stream {
  const branches = stream
    .split(call.isNamed ? `n${call.id}-` : undefined)
    .branch(isEven, { named: 'even' })
    .branch((_key, value) => value === null, { named: 'empty' })
    .defaultBranch({ named: 'rest' });
  const byName = new Map(
    branchNames.map((suffix) => [suffix, [...branches].find(([name]) => name.endsWith(suffix))![1]]),
  );
  for (const [name, branch] of byName) if (name !== call.branch) branch.to(`out-${call.id}-${name}`, texts());
  return byName.get(call.branch)!;
}

const repartitioned = (stream: Stream, call: CallOf<'repartition'>): Stream => {
  const name = nameOf(call);
  const { partitionCount } = call;
  return stream.repartition({
    keySerde: serdes.string,
    valueSerde: serdes.string,
    ...(name !== undefined && { name }),
    ...(partitionCount !== undefined && { partitionCount }),
  }) as Stream;
};

function withStore(
  stream: Stream,
  call: CallOf<'summedUp'> | CallOf<'withLast'>,
  builder: StreamsBuilder,
): Stream {
  const store = storeName(call);
  builder.addStateStore(keyValueStore(store, serdes.string, serdes.string));
  const name = nameOf(call);
  const options = { stores: [store], ...(name !== undefined && { named: name }) };
  return call.op === 'withLast'
    ? stream.processValues(() => withLast(store), options)
    : stream.process<Text, Text>(() => summedUp(call.clock, store), options);
}

function stateless(stream: Stream, op: StatelessOp, named: string | undefined): Stream {
  switch (op) {
    case 'filter':
      return stream.filter(isEven, named);
    case 'filterNot':
      return stream.filterNot(isEven, named);
    case 'mapValues':
      return stream.mapValues(quoted, named);
    case 'flatMapValues':
      return stream.flatMapValues(valueAndLetter, named);
    case 'map':
      return stream.map(letterAndBoth, named);
    case 'flatMap':
      return stream.flatMap(bothWays, named);
    case 'selectKey':
      return stream.selectKey(byLetter, named);
    case 'peek':
      return stream.peek(() => undefined, named);
    case 'withOrigin':
      return stream.process(withOrigin, named === undefined ? {} : { named });
  }
}
