import { paymentCommands } from '@millrace/contracts';
import { actOnProcess, askProcesses, type LocalStack } from '@millrace/operations/client';
import type { Admin, LagReader, PartitionLag } from '@millrace/streaming-core/client';
import { startReplica, until, type Replica, type TestStack } from '@millrace/test-support/stack';
import { sum } from '../../numbers.ts';

const group = 'payment';
const commandTopic = paymentCommands.declaration.name;
const handledMetric = 'millrace_consumer_messages_handled_total';

/** Payment in a stack: its processes come and go, and the log keeps what its group has not read. */
export class PaymentGroup {
  readonly #stack: TestStack;
  readonly #admin: Admin;
  readonly #reader: LagReader;
  #processes: Readonly<Record<string, Replica>> = {};

  private constructor(stack: TestStack, admin: Admin, reader: LagReader) {
    this.#stack = stack;
    this.#admin = admin;
    this.#reader = reader;
  }

  /** Stops the process that the stack has started. */
  static async takeOver(
    stack: TestStack,
    local: LocalStack,
    { admin, reader }: { readonly admin: Admin; readonly reader: LagReader },
  ): Promise<PaymentGroup> {
    await actOnProcess(local, 'stop', group, { actor: 'bench', reason: 'a backlog is to grow' });
    const payment = new PaymentGroup(stack, admin, reader);
    await payment.#disband();
    return payment;
  }

  async start(processes: number): Promise<void> {
    const names = Array.from({ length: processes }, (_, index) => `${group}-${index + 2}`);
    const started = names.map(async (name) => [name, await startReplica(this.#stack, group, name)] as const);
    this.#processes = Object.fromEntries(await Promise.all(started));
  }

  async leave(): Promise<void> {
    const leaving = Object.values(this.#processes);
    this.#processes = {};
    await Promise.all(leaving.map((process) => process.leave()));
    await this.#disband();
  }

  /** The lag by partition as KEDA reads it, once this many commands wait. */
  async backlog(commands: number, limitMs: number): Promise<readonly PartitionLag[]> {
    let lags: readonly PartitionLag[] = [];
    const waiting = () => lagOf(lags.filter(({ topic }) => topic === commandTopic));
    await until(
      () => `${commands} commands to wait: ${waiting()} do`,
      limitMs,
      async () => {
        lags = await this.#reader.ofGroup(group);
        return waiting() >= commands;
      },
    );
    return lags;
  }

  /** Resolves once the group has committed all that a backlog consists of. */
  async hasRead(backlog: readonly PartitionLag[], limitMs: number): Promise<void> {
    const ends = new Map(backlog.map((each) => [placeOf(each), each.endOffset]));
    await until('the backlog to be read', limitMs, async () =>
      (await this.#reader.ofGroup(group)).every(
        (each) => each.committedOffset >= (ends.get(placeOf(each)) ?? 0n),
      ),
    );
  }

  /** The messages that each process has handled, by its own count. */
  async handled(): Promise<readonly number[]> {
    const urls = Object.entries(this.#processes).map(([name, { url }]) => [name, url] as const);
    const reports = await askProcesses(Object.fromEntries(urls), { metrics: [handledMetric] });
    return reports.map(({ status, samples }) => {
      if (typeof samples === 'string') throw new Error(`${status.process}: ${samples}`);
      return sum(samples.filter(({ labels }) => labels.topic === commandTopic).map(({ value }) => value));
    });
  }

  /** A static member stays in its group when it stops, and would keep its partitions until its session ends. */
  async #disband(): Promise<void> {
    const members = (await this.#admin.groups.describe([group])).get(group)?.members ?? [];
    if (members.length > 0) await this.#admin.groups.removeMembers(group);
  }
}

/** The messages of all these partitions. */
export const lagOf = (lags: readonly PartitionLag[]): number => sum(lags.map(({ lag }) => Number(lag)));

const placeOf = ({ topic, partition }: PartitionLag): string => `${topic}/${partition}`;
