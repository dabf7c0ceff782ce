import type { OffsetsOwner } from '@millrace/streaming-core/client';
import { pause, serialQueue, type Clock } from '@millrace/streaming-core/runtime';
import type { TaskPlan } from '../../assignment/tasks.ts';
import type { Choices } from './choices.fake.ts';
import type { SimulatedProcess } from './simulated-process.fake.ts';

interface SimulatedGroupParts {
  readonly names: readonly string[];
  readonly plans: readonly TaskPlan[];
  readonly clock: Clock;
  readonly choices: Choices;
  readonly connect: (name: string, memberId: string) => SimulatedProcess;
}

/**
 * The group of an application and its processes. Processes die and are started again, and their
 * sessions may end while they continue.
 */
export class SimulatedGroup {
  readonly #parts: SimulatedGroupParts;
  readonly #inTurn = serialQueue();
  readonly #processes = new Map<string, SimulatedProcess>();
  /** Processes whose session has ended without their knowledge. */
  readonly #expired = new Set<SimulatedProcess>();
  #generation = 0;
  #members: ReadonlySet<string> = new Set();
  #starts = 0;
  #open = 0;

  constructor(parts: SimulatedGroupParts) {
    this.#parts = parts;
  }

  /** Whether a change of the group is pending. */
  get isChanging(): boolean {
    return this.#open > 0;
  }

  isMember({ memberId = '', generationId }: OffsetsOwner): boolean {
    return generationId === this.#generation && this.#members.has(memberId);
  }

  start(): void {
    for (const name of this.#parts.names) this.#start(name);
    this.#change(() => this.#rebalance());
  }

  /** Lets one of the things happen that may happen to a group at any time. */
  disturb(): void {
    const { choices } = this.#parts;
    const processes = [...this.#processes.values()];
    const process = processes[choices.below(processes.length)];
    const kind = choices.below(4);
    if (process === undefined) return;
    if (kind === 1) this.#change(() => this.#rebalance());
    if (kind === 2) process.network.die();
    if (kind === 3) this.#change(() => this.#expire(process));
  }

  /** Lets all processes commit and stop. */
  async stop(): Promise<void> {
    for (const process of this.#processes.values()) await process.revoke();
  }

  rejoin(process: SimulatedProcess): void {
    this.#change(async () => {
      this.#expired.delete(process);
      await process.revoke();
      await this.#rebalance();
    });
  }

  #start(name: string): void {
    this.#starts += 1;
    const process = this.#parts.connect(name, `${name}-${this.#starts}`);
    this.#processes.set(name, process);
    void process.network.death.then(() => {
      this.#processes.delete(name);
      this.#change(async () => {
        await this.#pause();
        this.#start(name);
        await this.#rebalance();
      });
    });
  }

  async #expire(process: SimulatedProcess): Promise<void> {
    this.#expired.add(process);
    await this.#rebalance();
    await this.#pause();
    if (!this.#expired.delete(process) || process.network.isDead) return;
    await process.lose();
    await this.#rebalance();
  }

  async #rebalance(): Promise<void> {
    const { plans, choices } = this.#parts;
    const present = () =>
      [...this.#processes.values()].filter(
        (process) => !this.#expired.has(process) && !process.network.isDead,
      );
    await Promise.all(present().map((process) => process.revoke()));
    const members = present();
    this.#generation += 1;
    this.#members = new Set(members.map(({ memberId }) => memberId));
    const owners = plans.map(() => members[choices.below(members.length)]);
    for (const process of members) {
      const own = plans.filter((_plan, index) => owners[index] === process);
      const { memberId } = process;
      process.begin({ memberId, generationId: this.#generation, partitions: [] }, own);
    }
  }

  #pause(): Promise<void> {
    return pause(this.#parts.clock, this.#parts.choices.below(100));
  }

  #change(work: () => Promise<void>): void {
    this.#open += 1;
    void this.#inTurn(work).finally(() => (this.#open -= 1));
  }
}
