import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { TaskAssignment } from './assign-tasks.ts';
import { RestoringGroup } from './restoring-group.fake.ts';
import type { AssignableTask, AssignmentRules } from './task-copies.ts';

const warmupsMax = 2;
const rulesWith = (standbyReplicas: number): AssignmentRules => ({
  standbyReplicas,
  warmupsMax,
  acceptableLagRecords: 10_000,
});

const tasks = fc
  .array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 })
  .map((partitionCounts) =>
    partitionCounts.flatMap((count, subTopology) =>
      Array.from({ length: count }, (_, partition): AssignableTask => ({
        name: `${subTopology}_${partition}`,
        subTopology,
        stateful: true,
      })),
    ),
  );
const processIds = fc.uniqueArray(fc.stringMatching(/^[a-z]{3}$/), { minLength: 1, maxLength: 6 });

/** The copies of state in an assignment, each as a process and a task. */
const copiesOf = ({ processes }: TaskAssignment): ReadonlySet<string> =>
  new Set(
    [...processes].flatMap(([processId, { active, standby }]) =>
      [...active, ...standby].map((name) => `${processId} ${name}`),
    ),
  );

/** Replaces the processes of a group. Returns the copies that the group had to restore. */
function change(
  group: RestoringGroup,
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
) {
  const had = copiesOf(group.settle(before));
  const assignments = group.settling(after);
  const isNew = (copy: string) => !had.has(copy);
  const restored = new Set(assignments.flatMap((each) => [...copiesOf(each)].filter(isNew)));
  const needed = new Set([...copiesOf(assignments.at(-1)!)].filter(isNew));
  return { rebalances: assignments.length, restored, needed };
}

describe('the movements of tasks to other processes', () => {
  it('end after as many rebalances as there are pairs of copies to restore, and after three at most', () => {
    fc.assert(
      fc.property(tasks, processIds, processIds, fc.nat(2), (all, before, after, standbyReplicas) => {
        const group = new RestoringGroup(all, rulesWith(standbyReplicas));
        const { rebalances, restored } = change(group, { before, after });

        expect(rebalances).toBeLessThanOrEqual(Math.ceil(restored.size / warmupsMax) + 3);
      }),
    );
  });

  it('restore no state that is not used, so no task moves twice', () => {
    fc.assert(
      fc.property(tasks, processIds, processIds, (all, before, after) => {
        const { restored, needed } = change(new RestoringGroup(all, rulesWith(0)), { before, after });

        expect(restored).toEqual(needed);
      }),
    );
  });

  it('restore less than one unused copy per process even with standby tasks', () => {
    fc.assert(
      fc.property(
        tasks,
        processIds,
        processIds,
        fc.integer({ min: 1, max: 2 }),
        (all, before, after, standbyReplicas) => {
          const group = new RestoringGroup(all, rulesWith(standbyReplicas));
          const { restored, needed } = change(group, { before, after });

          expect(restored.size - needed.size).toBeLessThan(Math.max(1, after.length * standbyReplicas));
        },
      ),
    );
  });
});
