import type * as DotProperties from 'dot-properties';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { int, type ConfigKind } from '@millrace/streaming-core/broker';

/** The highest TCP port. */
const portMax = 65_535;

/** A port as a setting; 0 means any free port. */
export const port = (byDefault: string, min = 0): ConfigKind => int(byDefault, BigInt(min), BigInt(portMax));

/** The mark that editors on Windows put at the beginning of a file. */
const byteOrderMark = /^\uFEFF/;

/** The name has to be `require`, so that the build of the image finds what it loads. */
const require = createRequire(import.meta.url);

/**
 * The contents of a file of Kafka's broker configs: the settings of the process, under the names of
 * our environment variables, and the rest for the broker.
 */
export interface PropertiesFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** Settings of Millrace. Kafka ignores their prefix. */
const ownNames: Readonly<Record<string, string>> = {
  'millrace.flush': 'BROKER_FLUSH',
  'millrace.http.host': 'BROKER_HTTP_HOST',
  'millrace.http.port': 'BROKER_HTTP_PORT',
  'millrace.partitions.max': 'BROKER_PARTITIONS_MAX',
};

/** The name that the file uses for a variable. */
export const nameInFile = (variable: string): string =>
  Object.entries(ownNames).find(([, own]) => own === variable)?.[0] ?? variable;

/**
 * Reads a file in the format of Java properties. Throws when the file cannot be read, or asks for
 * more than one plaintext listener or more than one folder.
 */
export function readPropertiesFile(path: string): PropertiesFile {
  const {
    listeners,
    'advertised.listeners': advertised,
    'log.dirs': folders,
    'log.dir': folder,
    ...others
  } = readFlat(path);
  const own = Object.entries(others).filter(([name]) => name.startsWith('millrace.'));
  const unknown = own.filter(([name]) => !Object.hasOwn(ownNames, name)).map(([name]) => name);
  if (unknown.length > 0)
    throw new TypeError(
      `${path}: ${unknown.join(', ')}: unknown; the settings of Millrace are ${Object.keys(ownNames).join(', ')}`,
    );
  const empty = own.find(([, value]) => value === '');
  if (empty !== undefined) throw new TypeError(`${path}: ${empty[0]}=: give it a value, or remove the line`);
  const listener = listeners === undefined ? undefined : plaintext(path, 'listeners', listeners);
  const outside = advertised === undefined ? undefined : plaintext(path, 'advertised.listeners', advertised);
  return {
    variables: given({
      BROKER_HOST: listener && (listener.host === '' ? '0.0.0.0' : listener.host),
      BROKER_PORT: listener?.port,
      BROKER_ADVERTISED_HOST: outside?.host,
      BROKER_ADVERTISED_PORT: outside?.port,
      BROKER_DATA: oneFolder(path, 'log.dirs', folders) ?? oneFolder(path, 'log.dir', folder),
      ...Object.fromEntries(own.map(([name, value]) => [ownNames[name], value])),
    }),
    properties: Object.fromEntries(Object.entries(others).filter(([name]) => !name.startsWith('millrace.'))),
  };
}

function readFlat(path: string): Record<string, string> {
  try {
    const { parse } = require('dot-properties') as typeof DotProperties;
    return parse(readFileSync(path, 'utf8').replace(byteOrderMark, '')) as Record<string, string>;
  } catch (error) {
    throw new TypeError(
      `--config ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/**
 * Returns the one listener for clients. A listener named CONTROLLER is ignored, since it is
 * internal to Kafka.
 */
function plaintext(
  path: string,
  name: string,
  text: string,
): { readonly host: string; readonly port: string } {
  const all = text.split(',').map((one) => /^([A-Z_]+):\/\/(.*):(\d{1,5})$/.exec(one.trim()));
  const clients = all.filter((one) => one === null || one[1] !== 'CONTROLLER');
  const [only] = clients;
  if (clients.length !== 1 || !only || only[1] !== 'PLAINTEXT')
    throw new TypeError(
      `${path}: ${name}=${text}: give one listener, PLAINTEXT://HOST:PORT; for TLS, ` +
        'SASL or several listeners run Apache Kafka',
    );
  if (Number(only[3]) > portMax)
    throw new TypeError(`${path}: ${name}=${text}: give a port of at most ${portMax}`);
  return { host: only[2]!.replace(/^\[(.*)\]$/, '$1'), port: only[3]! };
}

function oneFolder(path: string, name: string, text: string | undefined): string | undefined {
  if (text === '' || text?.includes(','))
    throw new TypeError(
      `${path}: ${name}=${text}: give one folder; to use several disks, join them into one file system`,
    );
  return text;
}

const given = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
