import { join } from 'node:path';
import { Agent, request } from 'node:http';
import { runServiceProcess, type ServiceProcess } from '@millrace/testing/service';
import { median, percentile, round } from '../numbers.ts';

export interface RegistrySpeed {
  /** The delay of a registration, measured on the last schemas, which are registered one at a time. */
  readonly registeredP99Ms: number;
  /** The figures of each path that is looked up. */
  readonly lookUps: readonly { readonly path: string; readonly perSecond: number; readonly p99Ms: number }[];
  /** Milliseconds from the start of the process to its first answer, with these schemas and with none. */
  readonly startMs: number;
  readonly startEmptyMs: number;
}

export interface RegistryLoad {
  readonly schemas: number;
  readonly lookUps: number;
  readonly rounds: number;
}

const registryFolder = join(import.meta.dirname, '../../../../apps/registry/src');
const connections = 8;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const subjectOf = (number: number) => `subject-${number}-value`;

/** Starts the registry without its limits of requests a second. By default one client gets 2,000. */
function start(bootstrapServers: string, topic: string): ServiceProcess & AsyncDisposable {
  const service = runServiceProcess(registryFolder, {
    HTTP_RATE_PER_SECOND: '0',
    HTTP_CLIENT_RATE_PER_SECOND: '0',
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    REGISTRY_PORT: '0',
    REGISTRY_INSTANCE: 'registry-1',
    REGISTRY_TOPIC: topic,
    REGISTRY_GROUP: topic,
    LOG_LEVEL: 'error',
  });
  return Object.assign(service, {
    async [Symbol.asyncDispose]() {
      service.kill('SIGTERM');
      await service.ended;
    },
  });
}

/** Registers schemas, looks them up on several connections, and starts the registry with them. */
export async function measureRegistry(
  bootstrapServers: string,
  { schemas, lookUps, rounds }: RegistryLoad,
): Promise<RegistrySpeed> {
  const looked = await measureRequests(bootstrapServers, schemas, lookUps);
  await timeStart(bootstrapServers, '_schemas_empty', '/subjects'); // creates its topic
  const starts: number[] = [];
  const emptyStarts: number[] = [];
  for (let pass = 0; pass < rounds; pass += 1) {
    starts.push(await timeStart(bootstrapServers, '_schemas', `/schemas/ids/${schemas}`));
    emptyStarts.push(await timeStart(bootstrapServers, '_schemas_empty', '/subjects'));
  }
  return {
    ...looked,
    startMs: Math.round(median(starts)),
    startEmptyMs: Math.round(median(emptyStarts)),
  };
}

async function measureRequests(bootstrapServers: string, schemas: number, count: number) {
  await using service = start(bootstrapServers, '_schemas');
  const { url } = await service.ready;
  const alone = Math.ceil(schemas / 20);
  await askAll(schemas - alone, (number) => register(url, number));
  const registerAlone = (number: number) => register(url, schemas - alone + number);
  const { p99Ms: registeredP99Ms } = await askAll(alone, registerAlone, 1);
  const paths = {
    '/schemas/ids/N': (number: number) => `/schemas/ids/${1 + (number % schemas)}`,
    '/subjects/S/versions/latest': (number: number) =>
      `/subjects/${subjectOf(number % schemas)}/versions/latest`,
  };
  const lookUps: RegistrySpeed['lookUps'][number][] = [];
  for (const [path, of] of Object.entries(paths)) {
    const ask = (number: number) => answer(`${url}${of(number * 7)}`);
    await askAll(Math.ceil(count / 10), ask); // until the code is compiled
    lookUps.push({ path, ...(await askAll(count, ask)) });
  }
  return { registeredP99Ms, lookUps };
}

/** A record with a field that no other schema has. */
function register(url: string, number: number): Promise<void> {
  const fields = ['id', 'name', `field${number}`].map((name) => ({ name, type: 'string' }));
  const schema = JSON.stringify({ type: 'record', name: `Row${number}`, namespace: 'bench', fields });
  return answer(`${url}/subjects/${subjectOf(number)}/versions`, JSON.stringify({ schema }));
}

/** Rejects unless the status is 200. With a body it is a POST. */
function answer(url: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = body === undefined ? {} : { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const asked = request(url, { agent, method, headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${url}: status ${response.statusCode}`)),
      );
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

/** Asks this often, each connection as soon as its answer has come. */
async function askAll(count: number, ask: (number: number) => Promise<void>, connectionCount = connections) {
  const latencies: number[] = [];
  let next = 0;
  const begun = performance.now();
  const connection = async () => {
    while (next < count) {
      const askedAt = performance.now();
      await ask(next++);
      latencies.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: connectionCount }, connection));
  const perSecond = Math.round((count * 1_000) / (performance.now() - begun));
  const sorted = latencies.toSorted((one, other) => one - other);
  return { perSecond, p99Ms: round(percentile(sorted, 0.99)) };
}

async function timeStart(bootstrapServers: string, topic: string, path: string): Promise<number> {
  const begun = performance.now();
  await using service = start(bootstrapServers, topic);
  const { url } = await service.ready;
  await answer(`${url}${path}`);
  return performance.now() - begun;
}
