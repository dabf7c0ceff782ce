import {
  serviceNames,
  startReplica,
  type Replica,
  type ServiceName,
  type StackPlaces,
  type TestStack,
} from '@millrace/test-support/stack';
import { cpuTimeMs, cpuTimeOfTreeMs } from '../saga/cpu-time.ts';
import { scaledServices, type Configuration } from './configurations.ts';

/** The CPU ms by process: `order`, `order-2`, `broker`, `stack`, `postgres`, `keys`, `client`. */
export type CpuTimes = ReadonlyMap<string, number>;

/** A stack with one process of each service, and the processes that join and leave it. */
export class Fleet {
  readonly #stack: TestStack;
  #replicas: ReadonlyArray<{
    readonly name: string;
    readonly service: ServiceName;
    readonly replica: Replica;
  }> = [];
  #turn = 0;

  constructor(stack: TestStack) {
    this.#stack = stack;
  }

  /**
   * The addresses of the stack for a client that places orders. The processes of the order service
   * take turns.
   */
  get places(): StackPlaces {
    const urls = Object.fromEntries(
      Object.entries(this.#stack.urls).map(([service, url]) => [service, { value: url, enumerable: true }]),
    );
    const inTurn = { ...urls, order: { get: () => this.#nextOrderUrl(), enumerable: true } };
    return { ...this.#stack, urls: Object.defineProperties({}, inTurn) as StackPlaces['urls'] };
  }

  async become(configuration: Configuration): Promise<void> {
    await this.shrink();
    const wanted = scaledServices(configuration).flatMap((service) =>
      Array.from({ length: configuration.processes - 1 }, (_, index) => ({
        service,
        name: `${service}-${index + 2}`,
      })),
    );
    this.#replicas = await Promise.all(
      wanted.map(async ({ service, name }) => ({
        service,
        name,
        replica: await startReplica(this.#stack, service, name),
      })),
    );
  }

  /** Returns to one process of each service. */
  async shrink(): Promise<void> {
    const leaving = this.#replicas;
    this.#replicas = [];
    await Promise.all(leaving.map(({ replica }) => replica.leave()));
  }

  cpuTimes(): CpuTimes {
    const own = [...serviceNames, 'broker', 'stack'].map(
      (part) => [part, cpuTimeMs(this.#pidOf(part))] as const,
    );
    const joined = this.#replicas.map(({ name, replica }) => [name, cpuTimeMs(replica.pid)] as const);
    const all = [
      ...own,
      ...joined,
      ['postgres', cpuTimeOfTreeMs(this.#pidOf('postgres'))] as const,
      ['keys', cpuTimeOfTreeMs(this.#pidOf('keys'))] as const,
      ['client', cpuTimeMs(process.pid)] as const,
    ];
    return new Map(all.map(([part, ms]) => [part, ms ?? NaN]));
  }

  #nextOrderUrl(): string {
    const urls = [
      this.#stack.urls.order,
      ...this.#replicas.filter(({ service }) => service === 'order').map(({ replica }) => replica.url),
    ];
    return urls[this.#turn++ % urls.length] ?? this.#stack.urls.order;
  }

  #pidOf(part: string): number {
    const pid = this.#stack.pid(part);
    if (pid === undefined) throw new Error(`${part} is down`);
    return pid;
  }
}
