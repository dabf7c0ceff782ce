import {
  startReplica,
  serviceNames,
  type Engines,
  type Replica,
  type ServiceName,
} from '@millrace/test-support/stack';

/** What a process runs: a release, or one under other settings or with a program of its own. */
export interface Deployment {
  readonly name: string;
  readonly workspace: string;
  /** Where its `main.ts` is; the service's own by default. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Member {
  readonly release: Deployment;
  readonly replica: Replica;
}

/** The processes of all services, and a balancer before them that knows who takes requests. */
export class Fleet {
  readonly #engines: Engines;
  readonly #members = new Map<ServiceName, Member[]>();
  #started = 0;
  #turn = 0;

  constructor(engines: Engines) {
    this.#engines = engines;
  }

  /** Where to ask a service: another of its processes every time. */
  readonly urls: Readonly<Record<ServiceName, string>> = Object.defineProperties(
    {},
    Object.fromEntries(
      serviceNames.map((service) => [service, { get: () => this.#next(service), enumerable: true }]),
    ),
  ) as Readonly<Record<ServiceName, string>>;

  /** Resolves once the new process serves; it takes requests from then on. */
  async start(service: ServiceName, release: Deployment): Promise<void> {
    this.#started += 1;
    const instance = `${service}-${release.name}-${this.#started}`;
    const { workspace: root, folder, env } = release;
    const replica = await startReplica(this.#engines, service, instance, { root, folder, env });
    this.#members.set(service, [...this.#of(service), { release, replica }]);
  }

  /** Takes the processes of the release from the balancer, then ends them with SIGTERM. Resolves to their exit codes. */
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
