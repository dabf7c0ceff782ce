import type { TargetState } from '../logs/config-log.ts';
import type { ConnectConfig } from '../plugin/setting.ts';
import { isObject } from '../record/fields.ts';
import type { SourcePlace } from '../record/records.ts';
import { CommandRefused } from '../worker/command-refused.ts';
import type { ShownOffset } from '../worker/connector-offsets.ts';

const settingsMax = 2_000;

/**
 * Reads a configuration, whose values are strings. Numbers and booleans become strings, as in Kafka's
 * Connect.
 */
export function configOf(body: unknown): ConnectConfig {
  const patch = configPatchOf(body);
  return Object.fromEntries(
    Object.entries(patch).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

export function configPatchOf(body: unknown): Readonly<Record<string, string | null>> {
  const entries = Object.entries(objectOf(body, 'a configuration'));
  if (entries.length > settingsMax) throw bad(`a configuration has at most ${settingsMax} settings`);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (value !== null && typeof value === 'object')
        throw bad(`${name}: the value of a setting is a string, not ${JSON.stringify(value).slice(0, 100)}`);
      return [name, value === null ? null : String(value)];
    }),
  );
}

export interface NewConnector {
  readonly name: string;
  readonly config: ConnectConfig;
  readonly target: TargetState;
}

const initialStates: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
};

export function newConnectorOf(body: unknown): NewConnector {
  const given = objectOf(body, 'a connector');
  const config = configOf(given['config']);
  const name = given['name'] ?? config['name'];
  if (typeof name !== 'string' || name === '') throw bad('name: a connector needs a name');
  const state = String(given['initial_state'] ?? 'RUNNING').toUpperCase();
  const target = initialStates[state];
  if (target === undefined)
    throw bad(`initial_state: ${state} is not one of ${Object.keys(initialStates).join(', ')}`);
  return { name, config: named(name, config), target };
}

/** Throws if the configuration names another connector than the path. */
export function named<Settings extends Readonly<Record<string, string | null>>>(
  name: string,
  config: Settings,
): Settings & { readonly name: string } {
  if (config['name'] != null && config['name'] !== name)
    throw bad(
      `Connector name configuration (${config['name']}) doesn't match connector name in the URL (${name})`,
    );
  return { ...config, name };
}

export function offsetsOf(body: unknown): readonly ShownOffset[] {
  const { offsets } = objectOf(body, 'a change of the offsets');
  if (!Array.isArray(offsets)) throw bad('offsets: give a list of {partition, offset}');
  const shown = 'a JSON object, as GET of this path shows it';
  return offsets.map((one: unknown, index) => {
    const at = `offsets[${index}]`;
    if (!isObject(one)) throw bad(`${at}: give an object of "partition" and "offset"`);
    const { partition, offset = null } = one;
    if (!isObject(partition)) throw bad(`${at}.partition: give ${shown}`);
    if (offset !== null && !isObject(offset))
      throw bad(`${at}.offset: give ${shown}, or null, which deletes the offset`);
    return { partition, offset };
  });
}

export function objectOf(body: unknown, what: string): SourcePlace {
  if (isObject(body)) return body;
  throw bad(`${what} is a JSON object, sent with content-type: application/json`);
}

const bad = (message: string): CommandRefused => new CommandRefused(400, message);
