import type { StreamsBuilder } from '@millrace/streams';
import { text } from '../topologies/topology-case.ts';
import { buildAggregation } from './build-aggregations.ts';
import { buildJoin } from './build-joins.ts';
import { buildStreamCall } from './build-streams.ts';
import { buildTableCall } from './build-tables.ts';
import type { Placed, Program, SourceCall } from './program.ts';
import { Results } from './results.ts';
import { optionalStore, source } from './settings.ts';

/** Makes the calls of the program, as `Program.java` does. */
export function buildProgram(program: Program, builder: StreamsBuilder): void {
  const results = new Results();
  for (const call of program) {
    switch (call.op) {
      case 'stream':
      case 'table':
      case 'globalTable':
        buildSource(call, results, builder);
        break;
      case 'aggregate':
      case 'cogroup':
      case 'aggregateRows':
        buildAggregation(call, results);
        break;
      case 'joinStreams':
      case 'joinTable':
      case 'joinGlobalTable':
      case 'joinTables':
      case 'joinForeign':
        buildJoin(call, results);
        break;
      case 'filterRows':
      case 'filterNotRows':
      case 'mapRows':
      case 'transformRows':
      case 'suppressRows':
      case 'groupRows':
      case 'rowsToStream':
      case 'filterWindows':
      case 'windowsToStream':
        buildTableCall(call, results);
        break;
      default:
        buildStreamCall(call, results, builder);
    }
  }
}

function buildSource(call: Placed<SourceCall>, results: Results, builder: StreamsBuilder): void {
  switch (call.op) {
    case 'stream':
      results.streams.set(call, builder.stream(call.topics, source(call)));
      return;
    case 'table':
      results.tables.set(
        call,
        builder.table(call.topic, source<string>(call), optionalStore(call, call.store)),
      );
      return;
    default:
      results.globalTables.set(
        call,
        builder.globalTable(call.topic, text<string>(), optionalStore(call, call.store)),
      );
  }
}
