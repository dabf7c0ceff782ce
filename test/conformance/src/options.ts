import { parseArgs } from 'node:util';
import { engineNames, type EngineName } from './engines.ts';

export interface ConformanceOptions {
  readonly engines: readonly EngineName[];
  /** Default: all clients. */
  readonly clients?: readonly string[];
  /** A part of a case's name. Default: all cases. */
  readonly only?: string;
  readonly quick: boolean;
  /** Whether to write docs/reports/conformance.md. */
  readonly write: boolean;
  readonly json?: string;
}

export const usage = (clients: readonly string[]): string => `npm run conformance -- [OPTIONS]
  --engine both    embedded, kafka (Apache Kafka) or both; each client runs the same cases on each engine
  --client NAME    run only this client, or several separated by commas: ${clients.join(', ')}
  --case TEXT      run only cases with this text in their names
  --quick          run CI's slice, which takes two minutes
  --write          write docs/reports/conformance.md; only for a whole run on both engines
  --json FILE      also write the results of every case to this file, as JSON
  --help           print this text
The run fetches what it needs into $MILLRACE_CACHE or ~/.cache/millrace. It exits with 1 when a case fails on the embedded broker;
with CI=true, also when one is skipped.`;

/** Throws a one-line error that names the wrong option. */
export function readOptions(argv: readonly string[], known: readonly string[]): ConformanceOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', default: 'both' },
      client: { type: 'string' },
      case: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const clients = values.client?.split(',').map((name) => name.trim());
  const unknown = clients?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`--client ${unknown} is unknown; the clients are ${known.join(', ')}`);
  const engines = enginesOf(values.engine);
  if (
    values.write &&
    (engines.length < engineNames.length ||
      clients !== undefined ||
      values.case !== undefined ||
      values.quick)
  )
    throw new Error(
      '--write needs a whole run on both engines: leave out --engine, --client, --case and --quick',
    );
  return {
    engines,
    quick: values.quick,
    write: values.write,
    ...(clients !== undefined && { clients }),
    ...(values.case !== undefined && { only: values.case }),
    ...(values.json !== undefined && { json: values.json }),
  };
}

function enginesOf(text: string): readonly EngineName[] {
  if (text === 'both') return engineNames;
  const engine = engineNames.find((name) => name === text);
  if (engine === undefined) throw new Error(`--engine ${text} must be ${engineNames.join(', ')} or both`);
  return [engine];
}
