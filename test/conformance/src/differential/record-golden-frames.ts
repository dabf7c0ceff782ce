/**
 * Records what Apache Kafka answers in every API and version that we support (docs/HACKING.md has
 * the command).
 *
 * It plays the differential sessions on Apache Kafka alone, and authenticates with SASL. For each
 * version it keeps the richest exchange without an error and the first with one. It writes
 * `libs/streaming-core/src/protocol/golden/`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaVersion } from '@millrace/embedded-kafka';
import { decodeResponse, knownApis, type Api, type Fields } from '@millrace/streaming-core/protocol';
import { startApache, servedBy } from './engines.ts';
import { errorCodesIn, Player } from './player.ts';
import { recordSaslFrames } from './record-sasl-frames.ts';
import { sessionOf, themeNames } from './sessions.ts';

interface Exchange {
  readonly version: number;
  readonly request: string;
  /** The response in hex, without its size. */
  readonly response: string;
}

const folder = join(import.meta.dirname, '../../../../libs/streaming-core/src/protocol/golden');
const seed = 1;
const sessions = 60 * themeNames.length;
/** Longer answers reveal nothing more about a layout. */
const responseBytesMax = 1_200;

const kept = new Map<string, Exchange>();

function keep(api: Api<Fields, Fields>, version: number, request: Buffer, response: Buffer): void {
  if (response.length > responseBytesMax) return;
  const failed = errorCodesIn(decodeResponse(api, version, response).body).some((code) => code !== 0);
  const key = `${api.name} ${version} ${failed ? 'failed' : 'served'}`;
  const known = kept.get(key);
  const richer = known === undefined || (!failed && response.length * 2 > known.response.length);
  if (richer)
    kept.set(key, { version, request: request.toString('hex'), response: response.toString('hex') });
}

const fileOf = (name: string): string =>
  `${name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.json`;

const kafka = await startApache();
try {
  const serves = await servedBy(kafka.address);
  for (let number = 0; number < sessions; number += 1)
    await new Player({ address: kafka.address, serves, tap: keep }).play(sessionOf(seed, number));
} finally {
  await kafka.stop();
}
await recordSaslFrames(keep);

mkdirSync(folder, { recursive: true });
for (const { name, key } of knownApis) {
  const frames = [...kept].filter(([id]) => id.startsWith(`${name} `)).map(([, exchange]) => exchange);
  frames.sort((a, b) => a.version - b.version);
  writeFileSync(
    join(folder, fileOf(name)),
    `${JSON.stringify({ kafka: kafkaVersion(), api: name, key, frames }, undefined, 2)}\n`,
  );
  process.stdout.write(`${name}: versions ${[...new Set(frames.map(({ version }) => version))].join(' ')}\n`);
}
