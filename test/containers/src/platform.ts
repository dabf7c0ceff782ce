import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceNames, type StackPlaces } from '@millrace/test-support/stack';
import { readComposeFile, workspace } from './compose-file.ts';
import { containerEngine, testTag } from './images.ts';
import { outcomeOf, run, type Outcome } from './run-command.ts';

export type Profile = 'broker' | 'kafka';

/** The state of a container according to `docker inspect`. */
export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number;
  readonly restarts: number;
}

const { gateway } = readComposeFile().services;

/** The settings of the ports on this machine, such as `ORDER_PORT`. */
const portSettings = (gateway?.ports ?? []).flatMap((port) => /\$\{(\w+_PORT):/.exec(port)?.[1] ?? []);

/** The port at which the gateway forwards to each service, such as 3001 for `order`. */
const ports: ReadonlyMap<string, number> = new Map(
  String(gateway?.environment?.GATEWAY_ROUTES)
    .split(',')
    .map((route) => {
      const [port, name = ''] = route.split(/[=:]/);
      return [name, Number(port)];
    }),
);

/**
 * docker-compose.yml under its own project name, on free ports, with data that is removed with it.
 */
export class Platform {
  readonly project = `millrace-test-${randomBytes(4).toString('hex')}`;
  readonly #profile: Profile;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  private constructor(profile: Profile, folder: string) {
    this.#profile = profile;
    this.#folder = folder;
    const free = ['POSTGRES_PORT', ...portSettings].map((setting) => [setting, '0']);
    this.#environment = {
      ...containerEngine().environment,
      ...Object.fromEntries(free),
      MILLRACE_TAG: testTag,
      MAIL_FOLDER: this.mailFolder,
      POSTGRES_PASSWORD: randomBytes(8).toString('hex'),
      KEYS_PASSWORD: randomBytes(8).toString('hex'),
      COMPOSE_PROFILES: undefined, // as in a user's shell, so that .env chooses
    };
  }

  static async create(profile: Profile): Promise<Platform> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-containers-'));
    await chmod(folder, 0o755);
    const platform = new Platform(profile, folder);
    await mkdir(platform.mailFolder);
    await chmod(platform.mailFolder, 0o777); // the mail sink's container runs as another user
    return platform;
  }

  get mailFolder(): string {
    return join(this.#folder, 'mail');
  }

  /** Runs `docker-compose up` with the profile that users would give. */
  up(...args: readonly string[]): Promise<string> {
    return this.#compose('up', '--detach', '--no-build', ...args);
  }

  async once(service: string): Promise<Outcome> {
    return this.#outcome('run', '--rm', '-T', service);
  }

  /** Runs a shell script in a container of a one-shot service. */
  async script(service: string, lines: readonly string[]): Promise<Outcome> {
    return this.#outcome('run', '--rm', '-T', '--entrypoint', 'sh', service, '-ec', lines.join('\n'));
  }

  async logs(service: string): Promise<string> {
    return (await this.#outcome('logs', '--no-color', '--tail', '40', service)).output;
  }

  async containers(service: string): Promise<readonly string[]> {
    const filters = [
      `label=com.docker.compose.project=${this.project}`,
      `label=com.docker.compose.service=${service}`,
      'label=com.docker.compose.oneoff=False',
    ];
    const listed = await this.docker(
      'ps',
      '--all',
      '--format',
      '{{.Names}}',
      ...filters.flatMap((filter) => ['--filter', filter]),
    );
    return listed
      .split('\n')
      .filter((name) => name !== '')
      .sort();
  }

  async container(service: string): Promise<string> {
    const [first] = await this.containers(service);
    if (first === undefined) throw new Error(`${service} has no container`);
    return first;
  }

  async state(container: string): Promise<ContainerState> {
    const [found] = JSON.parse(await this.docker('inspect', container)) as [
      { State: { Status: string; ExitCode: number }; RestartCount: number },
    ];
    const { State, RestartCount } = found;
    return { running: State.Status === 'running', exitCode: State.ExitCode, restarts: RestartCount };
  }

  /** The events of a container since then, one line each, such as `die 137`. */
  events(container: string, sinceMs: number): Promise<string> {
    const between = [
      '--since',
      String(Math.floor(sinceMs / 1000)),
      '--until',
      String(Math.ceil(Date.now() / 1000)),
    ];
    return this.docker(
      'events',
      ...between,
      '--filter',
      `container=${container}`,
      '--format',
      '{{.Action}} {{.Actor.Attributes.exitCode}}',
    );
  }

  docker(...args: readonly string[]): Promise<string> {
    return run('docker', args, { environment: this.#environment });
  }

  dockerOutcome(...args: readonly string[]): Promise<Outcome> {
    return outcomeOf('docker', args, { environment: this.#environment });
  }

  /**
   * The addresses of everything as seen from this machine. The log can be reached only from within.
   */
  async places(): Promise<StackPlaces> {
    const throughGateway = await this.#published('gateway');
    const ofPostgres = await this.#published('postgres');
    const urls = serviceNames.map(
      (name) => [name, `http://${throughGateway(ports.get(name) ?? 0)}`] as const,
    );
    const places = Object.fromEntries(urls) as StackPlaces['urls'];
    return {
      urls: places,
      instances: places,
      postgresUrl: `postgres://millrace:${this.#environment.POSTGRES_PASSWORD}@${ofPostgres(5432)}`,
      keysUrl: `postgres://millrace:${this.#environment.KEYS_PASSWORD}@keys:5432/millrace_keys`,
      bootstrapServers: 'log:9092',
      smtpUrl: 'smtp://mail:2525',
      mailFolder: this.mailFolder,
      dataFolder: this.#folder,
      consoleUrl: `http://${throughGateway(3010)}`,
    };
  }

  /** Says at which address of this machine a port of the service is published. */
  async #published(service: string): Promise<(port: number) => string> {
    const lines = await this.docker('port', await this.container(service));
    return (port) => new RegExp(`^${port}/tcp -> (.+)$`, 'm').exec(lines)?.[1] ?? '';
  }

  /** Sends SIGTERM to every container and waits. */
  stop(): Promise<string> {
    return this.#compose('stop');
  }

  /** Removes containers, volumes, network and mails. */
  async remove(): Promise<void> {
    const all = ['broker', 'kafka', 'samples', 'cli'].flatMap((profile) => ['--profile', profile]);
    const { environment, folder, command, args } = this.#call();
    await run(command, [...args, ...all, 'down', '--volumes', '--remove-orphans', '--timeout', '5'], {
      environment,
      folder,
    });
    await rm(this.#folder, { recursive: true, force: true });
  }

  #call() {
    const [command, ...args] = containerEngine().compose;
    return {
      command,
      args: [...args, '--project-name', this.project],
      environment: this.#environment,
      folder: workspace,
    };
  }

  /** Names no profile for the embedded broker, because .env chooses that one. */
  #outcome(...words: readonly string[]): Promise<Outcome> {
    const { command, args, ...options } = this.#call();
    return outcomeOf(
      command,
      [...args, ...(this.#profile === 'kafka' ? ['--profile', 'kafka'] : []), ...words],
      options,
    );
  }

  async #compose(...words: readonly string[]): Promise<string> {
    const { code, output } = await this.#outcome(...words);
    if (code !== 0) throw new Error(`compose ${words.join(' ')} ended with ${code}: ${output.slice(-4_000)}`);
    return output;
  }
}
