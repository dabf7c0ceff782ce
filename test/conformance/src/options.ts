import { optionsOf } from '@millrace/test-support/options';
import { engineNames, type EngineName } from './engines.ts';

export interface ConformanceOptions {
  readonly engines: readonly EngineName[];
  readonly clients: readonly string[];
  /** A part of a case's name. */
  readonly only: string;
  readonly quick: boolean;
  /** The file of the report, or an empty string. */
  readonly json: string;
}

export const usage = (clients: readonly string[]): string => `npm run conformance -- [OPTIONS]
  --engine both    embedded, kafka (Apache Kafka) or both; each client runs the same cases on each engine
  --client NAME    run only this client, or several separated by commas: ${clients.join(', ')}
  --case TEXT      run only cases with this text in their names
  --quick          run CI's slice, which takes two minutes
  --json FILE      also write the results of every case to this file, as JSON
The run fetches what it needs into $MILLRACE_CACHE or ~/.cache/millrace. It exits with 1 when a case fails on the embedded broker;
with CI=true, also when one is skipped.`;

/** Throws a one-line error that names the wrong option. */
export function readOptions(argv: readonly string[], known: readonly string[]): ConformanceOptions {
  const defaults = { engine: 'both', client: known.join(), case: '', quick: false, json: '' };
  const { engine, client, case: only, quick, json } = optionsOf(argv, defaults, {});
  const clients = client.split(',').map((name) => name.trim());
  const unknown = clients.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`--client ${unknown} is unknown; the clients are ${known.join(', ')}`);
  const engines = engineNames.filter((name) => engine === 'both' || engine === name);
  if (engines.length === 0) throw new Error(`--engine ${engine} must be ${engineNames.join(', ')} or both`);
  return { engines, clients, only, quick, json };
}
