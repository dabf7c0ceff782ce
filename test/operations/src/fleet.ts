import {
  startReplica,
  serviceNames,
  type Engines,
  type Replica,
  type ServiceName,
} from '@millrace/test-support/stack';

/** A release that a process runs, possibly with other settings or another `main.ts`. */
export interface Deployment {
  readonly name: string;
  readonly workspace: string;
  /** The folder of its `main.ts`; the service's own by default. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Member {
  readonly release: Deployment;
  readonly replica: Replica;
}

/** The processes of all services, behind a balancer that knows which of them take requests. */
export class Fleet {
  readonly #engines: Engines;
  readonly #members = new Map<ServiceName, Member[]>();
  #started = 0;
  #turn = 0;

  constructor(engines: Engines) {
    this.#engines = engines;
  }

  /** The URL of each service, which names another of its processes each time. */
  readonly urls: Readonly<Record<ServiceName, string>> = Object.defineProperties(
    {},
    Object.fromEntries(
      serviceNames.map((service) => [service, { get: () => this.#next(service), enumerable: true }]),
    ),
  ) as Readonly<Record<ServiceName, string>>;

  /** Starts a process and resolves once it serves. It takes requests from then on. */
  async start(service: ServiceName, release: Deployment): Promise<void> {
    this.#started += 1;
    const instance = `${service}-${release.name}-${this.#started}`;
    const { workspace: root, folder, env } = release;
    const replica = await startReplica(this.#engines, service, instance, { root, folder, env });
    this.#members.set(service, [...this.#of(service), { release, replica }]);
  }

  /**
   * Removes the processes of the release from the balancer and ends them with SIGTERM. Resolves to
   * their exit codes.
   */
  async drain(service: ServiceName, release: Deployment): Promise<readonly (number | null)[]> {
    const leaving = this.#of(service).filter((member) => member.release === release);
    this.#members.set(
      service,
      this.#of(service).filter((member) => member.release !== release),
    );
    return Promise.all(leaving.map(({ replica }) => replica.leave()));
  }

  async stop(): Promise<void> {
    const all = [...this.#members.values()].flat();
    this.#members.clear();
    await Promise.all(all.map(({ replica }) => replica.leave()));
  }

  #of(service: ServiceName): readonly Member[] {
    return this.#members.get(service) ?? [];
  }

  #next(service: ServiceName): string {
    const members = this.#of(service);
    return members[this.#turn++ % members.length]?.replica.url ?? '';
  }
}
