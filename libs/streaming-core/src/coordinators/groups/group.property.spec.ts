import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { errorCodes } from '../../protocol/errors.ts';
import {
  groupId,
  identity,
  joining,
  offsetOf,
  openBench,
  restarted,
  settle,
  syncing,
  type Bench,
} from './coordinator.bench.ts';
import type { JoinGroupResult, MemberIdentity } from './group-requests.ts';

const clients = 4;
const { NONE, MEMBER_ID_REQUIRED, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID } = errorCodes;

const client = fc.nat({ max: clients - 1 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('round' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('join' as const), client, metadata: fc.nat({ max: 2 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('sync' as const), client }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('heartbeat' as const), client, former: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const), client, former: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), client }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), client }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Probe {
  readonly client: number;
  readonly former: boolean;
}

interface Client {
  memberId: string;
  joined: JoinGroupResult | undefined;
  /** The previous identity, as a process that was replaced without knowing it would send. */
  former: MemberIdentity | undefined;
}

/**
 * Clients that do anything at any time, with the invariants that must hold. Odd clients are static
 * members.
 */
class Chaos {
  readonly #clients: Client[] = Array.from({ length: clients }, () => ({
    memberId: '',
    joined: undefined,
    former: undefined,
  }));
  readonly #parked = new Set<Promise<unknown>>();
  readonly #failures: unknown[] = [];
  #bench: Bench;
  /**
   * The newest generation in which a call was accepted. No call in an older one may be accepted
   * afterwards.
   */
  #accepted = 0;
  acceptedCalls = 0;
  #synced = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      await this.#do(each);
      await settle();
      if (this.#failures.length > 0) throw this.#failures[0];
    }
    this.#bench.logs.release();
    await this.#bench.coordinator.close();
    await settle();
    expect(this.#failures).toEqual([]);
    expect(this.#parked.size).toBe(0);
    expect(this.#bench.clock.timers).toBe(0);
  }

  async #do(each: Step): Promise<void> {
    const { clock, logs } = this.#bench;
    switch (each.kind) {
      case 'round':
        return this.#round();
      case 'join':
        return this.#join(each.client, each.metadata);
      case 'sync':
        return this.#sync(each.client);
      case 'heartbeat':
        return this.#heartbeat(each);
      case 'commit':
        return this.#commit(each);
      case 'leave':
        return this.#leave(each.client);
      case 'crash':
        this.#clients[each.client]!.memberId = '';
        return;
      case 'wait':
        return clock.advance(each.seconds * 1_000);
      case 'hold':
        return logs.hold();
      case 'release':
        return logs.release();
      case 'restart':
        return this.#restart();
    }
  }

  /** Every client behaves well: it joins, with the id that it was given if any, then syncs. */
  async #round(): Promise<void> {
    for (const act of [
      (index: number) => this.#join(index, 0),
      (index: number) => this.#join(index, 0),
      (index: number) => this.#sync(index),
    ]) {
      for (let index = 0; index < clients; index += 1) act(index);
      await settle();
    }
  }

  #instance(index: number): string | null {
    return index % 2 === 1 ? `instance-${index}` : null;
  }

  #join(index: number, metadata: number): void {
    const who = this.#clients[index]!;
    const input = joining({
      memberId: who.memberId,
      groupInstanceId: this.#instance(index),
      requireKnownMemberId: true,
      rebalanceTimeoutMs: 20_000,
      protocols: [{ name: 'range', metadata: Buffer.from([metadata]) }],
    });
    const asked = this.#bench.coordinator;
    const answered = asked.join(input).then((joined) => {
      if (joined.errorCode === MEMBER_ID_REQUIRED) who.memberId = joined.memberId;
      else if (joined.errorCode === UNKNOWN_MEMBER_ID || joined.errorCode === FENCED_INSTANCE_ID)
        who.memberId = '';
      else if (joined.errorCode === NONE && asked === this.#bench.coordinator) this.#take(who, joined, index);
    });
    this.#park(answered);
  }

  #take(who: Client, joined: JoinGroupResult, index: number): void {
    expect(joined.generationId).toBeGreaterThanOrEqual(this.#accepted);
    if (who.joined !== undefined) who.former = identity(who.joined, this.#instance(index));
    who.memberId = joined.memberId;
    who.joined = joined;
  }

  #sync(index: number): void {
    const { joined } = this.#clients[index]!;
    if (joined === undefined) return;
    const assigned = Object.fromEntries(
      joined.members.map(({ memberId }) => [memberId, `${joined.generationId}`]),
    );
    const answered = this.#bench.coordinator
      .sync(syncing(joined, assigned, this.#instance(index)))
      .then(({ errorCode, assignment }) => {
        if (errorCode !== NONE) return;
        this.#accept(joined.generationId);
        this.#synced = Math.max(this.#synced, joined.generationId);
        // Static members that a restart left out of the generation get an empty assignment. Nobody
        // gets an assignment of another generation.
        expect(['', `${joined.generationId}`]).toContain(assignment.toString());
      });
    this.#park(answered);
  }

  #heartbeat(probe: Probe): void {
    const member = this.#identity(probe);
    if (member !== undefined && this.#bench.coordinator.heartbeat(member) === NONE)
      this.#accept(member.generationId);
  }

  #commit(probe: Probe): void {
    const member = this.#identity(probe);
    if (member === undefined) return;
    const newest = this.#accepted;
    const answered = this.#bench.coordinator.commitOffsets(member, [offsetOf(0, 1n)]).then(([answer]) => {
      if (answer?.errorCode === NONE) expect(member.generationId).toBeGreaterThanOrEqual(newest);
    });
    this.#park(answered);
  }

  #identity({ client: index, former }: Probe): MemberIdentity | undefined {
    const who = this.#clients[index]!;
    return former ? who.former : who.joined && identity(who.joined, this.#instance(index));
  }

  #accept(generationId: number): void {
    expect(generationId).toBeGreaterThanOrEqual(this.#accepted);
    this.#accepted = generationId;
    this.acceptedCalls += 1;
  }

  #leave(index: number): void {
    const { joined } = this.#clients[index]!;
    if (joined === undefined) return;
    const leaving = [{ memberId: joined.memberId, groupInstanceId: this.#instance(index) }];
    this.#park(this.#bench.coordinator.leave(groupId, leaving));
  }

  /**
   * A generation that nobody had synced was never written. The next process may therefore know an
   * older generation, but not older than the last one handed out.
   */
  async #restart(): Promise<void> {
    this.#bench.logs.release();
    await this.#bench.coordinator.close();
    this.#bench = await restarted(this.#bench);
    this.#accepted = this.#synced;
  }

  #park(answer: Promise<unknown>): void {
    this.#parked.add(answer);
    const done = () => this.#parked.delete(answer);
    answer.then(done, (failure: unknown) => done() && this.#failures.push(failure));
  }
}

describe('a group whose clients do anything in any order', () => {
  it('L15 never accepts two generations at once, never goes back to an older one, and answers every request', async () => {
    let acceptedCalls = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100 }), async (steps) => {
        const chaos = new Chaos(await openBench());
        await chaos.run(steps);
        acceptedCalls += chaos.acceptedCalls;
      }),
      { numRuns: 200 },
    );
    // About 1,700 are usual. With few accepted calls the test would prove nothing.
    expect(acceptedCalls).toBeGreaterThan(1_000);
  }, 60_000);
});
