import type * as DotProperties from 'dot-properties';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { portMax } from './port.ts';

/** Editors on Windows begin a text with it. */
const byteOrderMark = /^\uFEFF/;

/** By this name, what it loads is found for an image. */
const require = createRequire(import.meta.url);

/** A file of Kafka's broker configs: what the process itself acts on, by our environment variables, and the rest for the broker. */
export interface PropertiesFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** Our own settings have a prefix that Kafka passes over. */
const ownNames: Readonly<Record<string, string>> = {
  'millrace.flush': 'BROKER_FLUSH',
  'millrace.http.host': 'BROKER_HTTP_HOST',
  'millrace.http.port': 'BROKER_HTTP_PORT',
  'millrace.partitions.max': 'BROKER_PARTITIONS_MAX',
};

/** How the file calls what is a variable elsewhere. */
export const nameInFile = (variable: string): string =>
  Object.entries(ownNames).find(([, own]) => own === variable)?.[0] ?? variable;

/** Reads a file in the format of Java properties. Throws when it cannot be read, or asks for what one plaintext listener and one folder cannot give. */
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
      `${path}: ${unknown.join(', ')}: no setting of ours; there are ${Object.keys(ownNames).join(', ')}`,
    );
  const empty = own.find(([, value]) => value === '');
  if (empty !== undefined)
    throw new TypeError(`${path}: ${empty[0]}=: give it a value, or leave the line out`);
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

/** The one listener for clients; a controller's is Kafka's own affair. */
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
      `${path}: ${name}=${text}: give one listener, PLAINTEXT://HOST:PORT; for TLS, SASL or several run Apache Kafka`,
    );
  if (Number(only[3]) > portMax)
    throw new TypeError(`${path}: ${name}=${text}: give a port of ${portMax} at the most`);
  return { host: only[2]!.replace(/^\[(.*)\]$/, '$1'), port: only[3]! };
}

function oneFolder(path: string, name: string, text: string | undefined): string | undefined {
  if (text === '' || text?.includes(','))
    throw new TypeError(
      `${path}: ${name}=${text}: give one folder; to use several disks, make one file system of them`,
    );
  return text;
}

const given = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
