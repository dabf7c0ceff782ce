import assert from 'node:assert/strict';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ForeignProcess } from '../foreign-process.ts';
import { kcatCommand, numbered, produce, splitLines, type KcatSettings } from './kcat-commands.ts';

const partitions = 4;
const quickly: KcatSettings = {
  'auto.offset.reset': 'earliest',
  'session.timeout.ms': 6_000,
  'heartbeat.interval.ms': 500,
};

const join = (context: CaseContext, topic: string, settings: KcatSettings = {}): ForeignProcess =>
  context.start(
    kcatCommand(context, ['-G', context.name('group'), '-u', '-f', 'read %p %o %s\n', topic], {
      ...quickly,
      ...settings,
    }),
  );

const readBy = ({ output }: ForeignProcess): readonly string[] =>
  splitLines(output).filter((line) => line.startsWith('read '));

/**
 * The number of partitions in the member's last assignment, as kcat prints it: `assigned: topic
 * [0], topic [1]`.
 */
function assigned({ errors }: ForeignProcess): number {
  const last = splitLines(errors).findLast((line) => /rebalanced/.test(line)) ?? '';
  return / assigned: /.test(last) ? [...last.matchAll(/ \[\d+\]/g)].length : 0;
}

async function all(
  members: readonly ForeignProcess[],
  condition: () => boolean,
  what: string,
): Promise<void> {
  await members[0]?.printed(condition, what);
}

async function fill(context: CaseContext, topic: string, round: string): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1)
    await produce(context, ['-t', topic, '-p', `${partition}`], numbered(`${round}${partition}-`, 5));
}

/**
 * Two members share the partitions, and each record is read once. Then one leaves and the other
 * takes over all partitions. A later member continues at the group's offsets.
 */
async function share(context: CaseContext, settings: (member: number) => KcatSettings): Promise<void> {
  const topic = await context.topic('t', { partitions });
  await fill(context, topic, 'a');
  const members = [join(context, topic, settings(0)), join(context, topic, settings(1))] as const;
  await all(members, () => members.every((member) => assigned(member) === 2), 'two partitions each');
  await fill(context, topic, 'b');
  await all(members, () => members.flatMap(readBy).length >= 40, '40 records');
  assert.equal(new Set(members.flatMap(readBy)).size, 40);
  await members[1].stop();
  await fill(context, topic, 'c');
  await all(members, () => members.flatMap(readBy).length >= 60, '60 records');
  await members[0].stop();
  const later = join(context, topic, settings(0));
  await fill(context, topic, 'd');
  await later.printed(() => readBy(later).length >= 20, '20 more records');
  await later.stop();
  assert.deepEqual(
    [...readBy(later)].map((line) => line.split(' ')[3]?.[0]),
    Array(20).fill('d'),
  );
}

const eager: ConformanceCase = {
  name: 'group of two members',
  quick: true,
  run: (context) => share(context, () => ({})),
};

const roundRobin: ConformanceCase = {
  name: 'group with the round robin assignor',
  run: (context) => share(context, () => ({ 'partition.assignment.strategy': 'roundrobin' })),
};

const staticMember: ConformanceCase = {
  name: 'static member: comes back without a rebalance, and is fenced by a second one with its name',
  async run(context) {
    const topic = await context.topic('t', { partitions });
    const settings = { 'group.instance.id': context.name('one') };
    const first = join(context, topic, settings);
    const other = join(context, topic, { 'group.instance.id': context.name('other') });
    await all([first, other], () => assigned(first) === 2 && assigned(other) === 2, 'two partitions each');
    const rebalances = splitLines(other.errors).filter((line) => /rebalanced/.test(line)).length;
    await first.stop('SIGKILL');
    const second = join(context, topic, settings);
    await second.printed(() => assigned(second) === 2, 'its partitions');
    assert.equal(splitLines(other.errors).filter((line) => /rebalanced/.test(line)).length, rebalances);
    const third = join(context, topic, settings);
    await third.printed(() => assigned(third) === 2, 'its partitions');
    await second.printed((text) => /fenced/i.test(text), 'the message that it is fenced', 20_000);
  },
};

const dies: ConformanceCase = {
  name: 'a member that dies is replaced after its session',
  async run(context) {
    const topic = await context.topic('t', { partitions });
    const first = join(context, topic);
    const second = join(context, topic);
    await all([first, second], () => assigned(first) === 2 && assigned(second) === 2, 'two partitions each');
    await second.stop('SIGKILL');
    await first.printed(() => assigned(first) === partitions, 'all partitions');
  },
};

export const kcatGroupCases: readonly ConformanceCase[] = [eager, roundRobin, staticMember, dies];
