import type {
  GlobalKTable,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  Windowed,
} from '@millrace/streams';
import type { Text } from '../topologies/topology-case.ts';
import type { Call } from './program.ts';

/** The results of a program's calls, by their ids. */
export class Results {
  readonly streams = new ResultsOfKind<KStream<Text, Text>>();
  readonly tables = new ResultsOfKind<KTable<string, string>>();
  readonly globalTables = new ResultsOfKind<GlobalKTable<string, string>>();
  readonly groups = new ResultsOfKind<KGroupedStream<string, string>>();
  readonly rowGroups = new ResultsOfKind<KGroupedTable<string, string>>();
  readonly windows = new ResultsOfKind<KTable<Windowed<string>, string>>();
}

class ResultsOfKind<R> {
  readonly #byId = new Map<number, R>();

  set(call: Call, result: R): void {
    this.#byId.set(call.id, result);
  }

  /** The result that the call is made on, as its operand of this number. */
  operand(call: Call, number = 0): R {
    const id = call.on[number];
    const result = id === undefined ? undefined : this.#byId.get(id);
    if (result === undefined)
      throw new Error(`Call ${call.id} needs the result of call ${id}, which has none`);
    return result;
  }
}
