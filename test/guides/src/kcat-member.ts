import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Makes kcat notice a rebalance quickly. */
const settings = [
  'partition.assignment.strategy=range',
  'auto.offset.reset=earliest',
  'heartbeat.interval.ms=200',
];

interface KcatMembership {
  readonly name: string;
  readonly groupId: string;
  readonly topic: string;
  /**
   * The time after which the group notices that the member has died. The default of librdkafka is
   * 45 s.
   */
  readonly sessionTimeoutMs?: number;
}

/**
 * A foreign group member, kcat, which assigns by librdkafka's ranges. It commits the printed
 * offsets when it leaves.
 */
export class KcatMember {
  readonly name: string;
  readonly #child: ChildProcess;
  #printed = '';
  #told = '';

  constructor(bootstrapServers: string, { name, groupId, topic, sessionTimeoutMs = 45_000 }: KcatMembership) {
    this.name = name;
    const options = [...settings, `client.id=${name}`, `session.timeout.ms=${sessionTimeoutMs}`].flatMap(
      (setting) => ['-X', setting],
    );
    this.#child = spawn('kcat', [
      '-b',
      bootstrapServers,
      '-G',
      groupId,
      '-u',
      '-f',
      'P%p@%o\n',
      ...options,
      topic,
    ]);
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#printed += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#told += chunk.toString()));
  }

  /**
   * The member's partitions as the guide writes them; undefined before the first assignment and
   * during a rebalance.
   */
  get owns(): readonly string[] | undefined {
    const last = [
      ...this.#told.matchAll(/^% Group \S+ rebalanced \(memberid [^)]*\): (assigned|revoked):(.*)$/gm),
    ].at(-1);
    if (last?.[1] !== 'assigned') return undefined;
    return [...last[2]!.matchAll(/\[(\d+)\]/g)].map(([, partition]) => `P${partition}`);
  }

  /** The places on the log of the records that it received. */
  get records(): readonly string[] {
    return this.#printed.split('\n').filter((line) => line !== '');
  }

  get errors(): string {
    return this.#told;
  }

  leave(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Kills the member, so that it does not leave the group. */
  die(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }
}
