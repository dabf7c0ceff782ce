import {
  apiVersions,
  encodeRequest,
  heartbeat,
  metadata,
  offsetDelete,
  offsetFetch,
  servedApis,
} from '@millrace/streaming-core/protocol';
import type { Script } from '../script.ts';

const frame = (...parts: ReadonlyArray<readonly number[]>): Buffer => {
  const content = Buffer.from(parts.flat());
  const size = Buffer.alloc(4);
  size.writeInt32BE(content.length);
  return Buffer.concat([size, content]);
};
const int16 = (value: number): readonly number[] => [(value >> 8) & 0xff, value & 0xff];
const int32 = (value: number): readonly number[] => [...int16(value >> 16), ...int16(value)];

const softwareNames = [
  'apache-kafka-java',
  'x',
  '-x',
  'x-',
  'a b',
  '',
  'ümlaut',
  'a.b-c1',
  '.',
  'x_y',
] as const;
const unservedKeys = [
  4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 93, 1_000, -1, 32_767,
] as const;

/**
 * Sends requests that no engine serves or that are not requests at all, and asks for the table of
 * versions. Each uses its own connection.
 */
export function dispatchingTheme(script: Script): void {
  const acts = { software, newerVersions, unserved, unknownVersion, cutShort, hostileCount, unreadable };
  const weights = {
    software: 3,
    newerVersions: 1,
    unserved: 2,
    unknownVersion: 3,
    cutShort: 3,
    hostileCount: 1,
    unreadable: 1,
  };
  for (let left = script.dice.between(4, 8); left > 0; left -= 1) acts[script.dice.weighted(weights)](script);
}

function software(script: Script): void {
  const { dice } = script;
  const names = {
    clientSoftwareName: dice.pick(softwareNames),
    clientSoftwareVersion: dice.mostly('1.0', softwareNames, 0.7),
  };
  const version = dice.between(apiVersions.versions.min, apiVersions.versions.max);
  script.send(apiVersions, names, { version });
}

/** The engine answers in version 0, and the connection stays open (KIP-511). */
function newerVersions(script: Script): void {
  const version = script.dice.pick([5, 9, 100, 32_767, -1]);
  script.raw(
    `ApiVersions v${version}`,
    frame(int16(18), int16(version), int32(7), int16(-1), [0, 2, 0x78, 2, 0x31, 0]),
  );
}

function unserved(script: Script): void {
  const key = script.dice.pick(unservedKeys);
  script.raw(`API key ${key}`, frame(int16(key), int16(0), int32(7), int16(-1)));
}

function unknownVersion(script: Script): void {
  const api = script.dice.pick(servedApis.filter(({ key }) => key !== apiVersions.key));
  const version = script.dice.pick([api.versions.max + 10, api.versions.min - 1 || -1, -1, 32_767]);
  if (version >= api.versions.min && version <= api.versions.max) return;
  script.raw(
    `${api.name} v${version}`,
    frame(int16(api.key), int16(version), int32(7), int16(-1), [0, 0, 0, 0, 0]),
  );
}

function cutShort(script: Script): void {
  const whole = Buffer.concat([
    ...encodeRequest(
      metadata,
      12,
      { correlationId: 9, clientId: 'cut' },
      { topics: [{ name: `${script.prefix}-none` }], allowAutoTopicCreation: false },
    ),
  ]);
  const content = whole.subarray(4, whole.length - script.dice.between(1, whole.length - 4));
  script.raw(`Metadata v12 of ${content.length} bytes`, frame([...content]));
}

/**
 * Sends a wrong count of topics for a group that does not exist. A count that means "no list" asks
 * OffsetFetch for all offsets, and makes a request of OffsetDelete malformed, which needs a list.
 */
function hostileCount(script: Script): void {
  const { dice, prefix } = script;
  const count = dice.pick([0x7fffffff, -1, -2, -2_147_483_648, 1_000_000, 3]);
  const api = dice.pick([offsetFetch, offsetFetch, offsetDelete]);
  const version = api === offsetFetch ? 2 : 0;
  const group = [...int16(prefix.length), ...Buffer.from(prefix)];
  script.raw(
    `${api.name} v${version} of ${count} topics`,
    frame(int16(api.key), int16(version), int32(3), int16(-1), group, int32(count)),
  );
}

function unreadable(script: Script): void {
  const { dice } = script;
  const what = dice.pick(['a null group id', 'a text that is no UTF-8', 'bytes behind the body']);
  const header = [...int16(heartbeat.key), ...int16(0), ...int32(3), ...int16(-1)];
  const group =
    what === 'a null group id'
      ? int16(-1)
      : what === 'a text that is no UTF-8'
        ? [0, 2, 0xff, 0xfe]
        : [0, 1, 0x67];
  script.raw(
    what,
    frame(header, group, int32(1), [0, 1, 0x6d], what === 'bytes behind the body' ? [1, 2, 3] : []),
  );
}
