import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { assignTasks, type TaskAssignment } from './assign-tasks.ts';
import { RestoringGroup } from './restoring-group.fake.ts';
import type { AssignableTask, AssignmentRules, ProcessState, TaskCopy } from './task-copies.ts';

const rules: AssignmentRules = { standbyReplicas: 0, warmupsMax: 2, acceptableLagRecords: 10_000 };

/**
 * Tasks of sub-topologies with these numbers of partitions. Every second sub-topology has state.
 */
const tasksOf = (partitionCounts: readonly number[]): readonly AssignableTask[] =>
  partitionCounts.flatMap((count, subTopology) =>
    Array.from({ length: count }, (_, partition) => ({
      name: `${subTopology}_${partition}`,
      subTopology,
      stateful: subTopology % 2 === 0,
    })),
  );

const processOf = (processId: string, copies: Readonly<Record<string, TaskCopy>> = {}): ProcessState => ({
  processId,
  copies: new Map(Object.entries(copies)),
});
const running: TaskCopy = { role: 'active', lagRecords: 0 };
const standby = (lagRecords: number): TaskCopy => ({ role: 'standby', lagRecords });
const dormant = (lagRecords: number): TaskCopy => ({ role: 'dormant', lagRecords });
const shown = ({ processes }: TaskAssignment) => Object.fromEntries(processes);

const topologies = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }).map(tasksOf);
const processIds = fc.uniqueArray(fc.stringMatching(/^[a-z]{3}$/), { minLength: 1, maxLength: 6 });
const replicas = fc.nat(2).map((standbyReplicas): AssignmentRules => ({ ...rules, standbyReplicas }));

const copies = fc.record({
  role: fc.constantFrom('active', 'standby', 'dormant'),
  lagRecords: fc.constantFrom(0, 500, 10_000, 10_001, 1_000_000),
}) as fc.Arbitrary<TaskCopy>;
/**
 * Arbitrary claims, as a group may have after crashes: several owners of a task, and tasks that are
 * gone.
 */
const claims = fc
  .tuple(processIds, fc.infiniteStream(fc.dictionary(fc.stringMatching(/^[0-4]_[0-6]$/), copies)))
  .map(([ids, held]) => ids.map((id) => processOf(id, held.next().value)));

describe('the assignment of tasks', () => {
  it('gives every task to one process, and no process two copies of a task', () => {
    fc.assert(
      fc.property(topologies, claims, replicas, (tasks, processes, chosen) => {
        const { processes: assigned } = assignTasks(tasks, processes, chosen);
        const active = [...assigned.values()].flatMap((one) => one.active);

        expect(active.sort()).toEqual(tasks.map(({ name }) => name).sort());
        for (const one of assigned.values()) {
          const names = [...one.active, ...one.standby];
          expect(new Set(names).size).toBe(names.length);
        }
      }),
    );
  });

  it('gives each stateful task as many standby tasks as there are other processes for them', () => {
    fc.assert(
      fc.property(topologies, claims, replicas, (tasks, processes, chosen) => {
        const { processes: assigned } = assignTasks(tasks, processes, chosen);
        const standbys = [...assigned.values()].flatMap((one) => one.standby);
        for (const { name, stateful } of tasks) {
          const count = standbys.filter((one) => one === name).length;
          const wanted = stateful ? Math.min(chosen.standbyReplicas, processes.length - 1) : 0;

          expect(count).toBeGreaterThanOrEqual(wanted);
          if (!stateful) expect(count).toBe(0);
        }
      }),
    );
  });

  it('restores no more copies at a time than the replicas and the allowed warm-ups', () => {
    fc.assert(
      fc.property(topologies, claims, replicas, (tasks, processes, chosen) => {
        const { processes: assigned } = assignTasks(tasks, processes, chosen);
        const standbys = [...assigned.values()].flatMap((one) => one.standby);
        const wanted = Math.min(chosen.standbyReplicas, processes.length - 1);
        const additional = tasks
          .filter(({ stateful }) => stateful)
          .map(({ name }) => Math.max(0, standbys.filter((one) => one === name).length - wanted))
          .reduce((sum, count) => sum + count, 0);

        expect(additional).toBeLessThanOrEqual(rules.warmupsMax);
      }),
    );
  });

  it('does not depend on the order of the processes', () => {
    fc.assert(
      fc.property(topologies, claims, replicas, (tasks, processes, chosen) => {
        const assigned = assignTasks(tasks, processes, chosen);

        expect(shown(assignTasks(tasks, processes.toReversed(), chosen))).toEqual(shown(assigned));
      }),
    );
  });

  it('balances each sub-topology, all stateful tasks and all tasks to within one task once the state is restored', () => {
    fc.assert(
      fc.property(topologies, processIds, processIds, replicas, (tasks, before, after, chosen) => {
        const group = new RestoringGroup(tasks, chosen);
        group.settle(before);
        const assigned = [...group.settle(after).processes.values()];
        const parts = [
          tasks,
          tasks.filter(({ stateful }) => stateful),
          ...Map.groupBy(tasks, ({ subTopology }) => subTopology).values(),
        ];
        for (const part of parts) {
          const names = new Set(part.map(({ name }) => name));
          const counts = assigned.map(({ active }) => active.filter((name) => names.has(name)).length);

          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('moves nothing if the processes join again without a change', () => {
    fc.assert(
      fc.property(topologies, processIds, processIds, replicas, (tasks, before, after, chosen) => {
        const group = new RestoringGroup(tasks, chosen);
        group.settle(before);
        const settled = group.settle(after);

        expect(settled.pending).toBe(false);
        expect(shown(group.rebalance(after))).toEqual(shown(settled));
      }),
    );
  });

  it('continues the restorations of new processes if a rebalance comes before they have ended', () => {
    fc.assert(
      fc.property(topologies, processIds, processIds, (tasks, before, joining) => {
        const group = new RestoringGroup(tasks, rules);
        const after = [...new Set([...before, ...joining])];
        group.settle(before);
        const first = group.rebalance(after);

        expect(shown(group.rebalance(after))).toEqual(shown(first));
      }),
    );
  });

  it('gives up no restored copy of a task before another one is restored', () => {
    fc.assert(
      fc.property(topologies, processIds, processIds, replicas, (tasks, before, joining, chosen) => {
        const group = new RestoringGroup(tasks, chosen);
        const settled = group.settle(before);
        const next = group.rebalance([...new Set([...before, ...joining])]);
        const has = (assignment: TaskAssignment, processId: string, name: string) => {
          const { active = [], standby = [] } = assignment.processes.get(processId) ?? {};
          return active.includes(name) || standby.includes(name);
        };
        for (const { name, stateful } of tasks) {
          if (!stateful) continue;
          const restored = before.filter((processId) => has(settled, processId, name));
          const kept = restored.filter((processId) => has(next, processId, name));

          expect(kept).toHaveLength(restored.length);
        }
      }),
    );
  });

  it('never runs a task where much has to be restored if another process is closer', () => {
    fc.assert(
      fc.property(topologies, claims, replicas, (tasks, processes, chosen) => {
        const { processes: assigned } = assignTasks(tasks, processes, chosen);
        for (const { name, stateful } of tasks) {
          if (!stateful) continue;
          const lags = new Map(
            processes.map(({ processId, copies }) => [processId, lagShown(copies.get(name))]),
          );
          const owner = [...assigned].find(([, { active }]) => active.includes(name))?.[0] ?? '';
          const ownLag = lags.get(owner) ?? Infinity;

          if (ownLag > rules.acceptableLagRecords) expect(ownLag).toBe(Math.min(...lags.values()));
        }
      }),
    );
  });

  it('leaves tasks with their owner while another process restores two of them', () => {
    const tasks = tasksOf([6]);
    const old = processOf('old', Object.fromEntries(tasks.map(({ name }) => [name, running])));
    const assigned = assignTasks(tasks, [old, processOf('young')], rules);

    expect(shown(assigned)).toEqual({
      old: { active: tasks.map(({ name }) => name), standby: [] },
      young: { active: [], standby: ['0_3', '0_4'] },
    });
    expect(assigned.pending).toBe(true);
  });

  it('moves a task once its successor has an acceptable lag', () => {
    const tasks = tasksOf([2]);
    const old = processOf('old', { '0_0': running, '0_1': running });

    const early = assignTasks(tasks, [old, processOf('young', { '0_0': standby(10_001) })], rules);
    const ready = assignTasks(tasks, [old, processOf('young', { '0_0': standby(10_000) })], rules);

    expect(shown(early)).toEqual({
      old: { active: ['0_0', '0_1'], standby: [] },
      young: { active: [], standby: ['0_0'] },
    });
    expect(shown(ready)).toEqual({
      old: { active: ['0_1'], standby: [] },
      young: { active: ['0_0'], standby: [] },
    });
    expect(ready.pending).toBe(false);
  });

  it('moves the tasks of a failed process to their replicas', () => {
    const tasks = tasksOf([2]);
    const assigned = assignTasks(
      tasks,
      [processOf('one', { '0_0': running }), processOf('two', { '0_1': standby(3) }), processOf('three')],
      { ...rules, standbyReplicas: 1 },
    );

    expect(shown(assigned)).toMatchObject({ one: { active: ['0_0'] }, two: { active: ['0_1'] } });
  });

  it('leaves the odd task of a sub-topology where it runs', () => {
    const assigned = assignTasks(
      tasksOf([3]),
      [processOf('one', { '0_0': running }), processOf('two', { '0_1': running, '0_2': running })],
      rules,
    );

    expect(shown(assigned)).toEqual({
      one: { active: ['0_0'], standby: [] },
      two: { active: ['0_1', '0_2'], standby: [] },
    });
  });

  it('prefers a folder with old state to none', () => {
    const tasks = tasksOf([2]);
    const assigned = assignTasks(
      tasks,
      [processOf('one', { '0_1': dormant(90_000) }), processOf('two', { '0_0': dormant(90_000) })],
      rules,
    );

    expect(shown(assigned)).toEqual({
      one: { active: ['0_1'], standby: [] },
      two: { active: ['0_0'], standby: [] },
    });
  });

  it('treats a task with a short changelog as restored everywhere', () => {
    const tasks = tasksOf([2]).map((task) => ({ ...task, changelogRecords: 10_000 }));
    const old = processOf('old', { '0_0': running, '0_1': running });

    expect(shown(assignTasks(tasks, [old, processOf('young')], rules))).toEqual({
      old: { active: ['0_0'], standby: [] },
      young: { active: ['0_1'], standby: [] },
    });
  });
});

function lagShown(copy: TaskCopy | undefined): number {
  if (copy?.role === 'active') return -1;
  return copy?.lagRecords ?? Infinity;
}
