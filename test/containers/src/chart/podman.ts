import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dump } from 'js-yaml';
import { containerEngine, testTag } from '../images.ts';
import { outcomeOf, run } from '../run-command.ts';

const pollMs = 1_000;
const network = 'millrace-test';

/** runc needs no more than Debian has, and a container no more processes than the machine allows. */
const configuration = `
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** A podman whose images, containers and networks are in a folder of its own, which `remove` deletes. */
export class Podman {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Podman> {
    const podman = new Podman(await mkdtemp(join(tmpdir(), 'millrace-podman-')));
    await writeFile(join(podman.#folder, 'containers.conf'), configuration);
    await podman.run('network', 'create', network);
    return podman;
  }

  run(...args: readonly string[]): Promise<string> {
    const places = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, join(this.#folder, name)]);
    const environment = { ...process.env, CONTAINERS_CONF: join(this.#folder, 'containers.conf') };
    return run('podman', [...places, ...args], { environment });
  }

  /** Takes images over from the container engine that has built them. */
  async load(...images: readonly string[]): Promise<void> {
    const file = join(this.#folder, 'images.tar');
    await run('docker', ['save', '--output', file, ...images], {
      environment: containerEngine().environment,
    });
    await this.run('load', '--quiet', '--input', file);
    await rm(file);
  }

  /** Starts a container beside the pods, which find it by its name. */
  start(name: string, image: string, environment: Readonly<Record<string, string>>): Promise<string> {
    const settings = Object.entries(environment).map(([key, value]) => `--env=${key}=${value}`);
    return this.run('run', '--detach', '--network', network, '--name', name, ...settings, image);
  }

  /** Runs a program to its end beside the pods, and resolves with what it prints. */
  once(image: string, environment: Readonly<Record<string, string>>): Promise<string> {
    const settings = Object.entries(environment).map(([key, value]) => `--env=${key}=${value}`);
    return this.run('run', '--rm', '--network', network, ...settings, image);
  }

  /** Stores a secret in the form in which podman 4.3 reads it for a pod. Its own form of a Secret it cannot read. */
  async secret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const encoded = Object.entries(values).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]);
    const file = join(this.#folder, `${name}.json`);
    await writeFile(file, JSON.stringify(Object.fromEntries(encoded)), { mode: 0o600 });
    await this.run('secret', 'create', name, file);
  }

  async play(objects: readonly object[]): Promise<void> {
    const file = join(this.#folder, 'objects.yaml');
    await writeFile(file, objects.map((object) => dump(object)).join('---\n'));
    await this.run('kube', 'play', '--network', network, file);
  }

  /** Waits until a program in a container exits with 0. Rejects with the container's last lines. */
  async until(container: string, ...command: readonly string[]): Promise<void> {
    for (const deadline = Date.now() + 180_000; ; await pause(pollMs)) {
      const failure = await this.run('exec', container, ...command).then(
        () => undefined,
        (error: Error) => error,
      );
      if (failure === undefined) return;
      if (Date.now() < deadline) continue;
      const logs = await this.run('logs', '--tail', '20', container).catch(String);
      throw new Error(`${container}: ${command.join(' ')} does not succeed\n${logs}`, { cause: failure });
    }
  }

  async remove(): Promise<void> {
    await this.run('pod', 'rm', '--all', '--force', '--time', '5');
    await this.run('rm', '--all', '--force', '--volumes', '--time', '5');
    await this.run('network', 'rm', '--force', network);
    await outcomeOf('umount', [join(this.#folder, 'root/overlay')]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export const imageOf = (program: string): string => `millrace/${program}:${testTag}`;
