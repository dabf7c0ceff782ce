import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readPropertiesFile } from './properties-file.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'millrace-properties-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, 'server.properties');
  writeFileSync(path, text);
  return readPropertiesFile(path);
}

describe("a file of Kafka's broker configs", () => {
  it('gives the process its listener, log folder and own settings, and the broker the rest', () => {
    const { variables, properties } = read(`
# from a cluster
listeners=PLAINTEXT://127.0.0.1:9192,CONTROLLER://127.0.0.1:9193
advertised.listeners = PLAINTEXT://broker.example:19092
log.dirs: /var/lib/log
millrace.flush=none
millrace.http.port=0
millrace.partitions.max=6000
num.partitions=6
log.retention.ms \\
  = 1000
`);
    expect(variables).toEqual({
      BROKER_HOST: '127.0.0.1',
      BROKER_PORT: '9192',
      BROKER_ADVERTISED_HOST: 'broker.example',
      BROKER_ADVERTISED_PORT: '19092',
      BROKER_DATA: '/var/lib/log',
      BROKER_FLUSH: 'none',
      BROKER_HTTP_PORT: '0',
      BROKER_PARTITIONS_MAX: '6000',
    });
    expect(properties).toEqual({ 'num.partitions': '6', 'log.retention.ms': '1000' });
  });

  it.each([
    ['listeners=PLAINTEXT://:9092', { BROKER_HOST: '0.0.0.0', BROKER_PORT: '9092' }],
    ['listeners=PLAINTEXT://[::1]:9092', { BROKER_HOST: '::1', BROKER_PORT: '9092' }],
    ['log.dir=/data', { BROKER_DATA: '/data' }],
    ['\uFEFFlog.dir=/data', { BROKER_DATA: '/data' }],
  ])('accepts %s', (text, variables) => {
    expect(read(text).variables).toEqual(variables);
  });

  it.each([
    [
      'listeners=SSL://127.0.0.1:9092',
      /listeners=SSL.*PLAINTEXT:\/\/HOST:PORT; for TLS, SASL or several listeners run Apache Kafka/,
    ],
    ['listeners=PLAINTEXT://a:1,PLAINTEXT://b:2', /give one listener/],
    ['listeners=9092', /give one listener/],
    ['listeners=PLAINTEXT://:65536', /listeners=PLAINTEXT:\/\/:65536: give a port of at most 65535/],
    ['log.dirs=/a,/b', /log\.dirs=\/a,\/b: give one folder/],
    ['log.dirs=', /log\.dirs=: give one folder/],
    ['millrace.flush=', /millrace\.flush=: give it a value, or remove the line/],
    ['log.dir=/a,/b', /log\.dir=\/a,\/b: give one folder/],
    ['millrace.fsync=1', /millrace\.fsync: unknown; the settings of Millrace are millrace\.flush/],
  ])('rejects %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('is named in the error when it does not exist', () => {
    expect(() => readPropertiesFile(join(folder, 'none'))).toThrow(/--config .*none cannot be read/);
  });
});
