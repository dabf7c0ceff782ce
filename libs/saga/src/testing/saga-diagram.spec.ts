import { describe, expect, it } from '@jest/globals';
import { repair } from '../decision/sample-repair.fixture.ts';
import { sagaDiagram } from './saga-diagram.ts';

describe('the diagram of a saga', () => {
  const lines = sagaDiagram(repair)
    .split('\n')
    .map((line) => line.trim());

  it('begins with the start message, and leads to both ends', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'flowchart TD',
        'start(["RepairAsked"])',
        'start -->|"if its condition holds"| part_dear',
        'part_invoice_together_done --> completed',
        'closing -->|"RepairClosed"| compensated(["compensated"])',
      ]),
    );
  });

  it('shows both paths of a branch, and a wait with its refusal and its timeout', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'part_dear{"dear?"}',
        'part_dear -->|"yes"| part_approval',
        'part_dear -->|"no"| part_slot',
        'part_approval[/"approval: wait for RepairApproved, 8 hours"/]',
        'part_approval -->|"RepairApproved"| part_slot',
        'part_approval -.->|"RepairDenied"| undo',
        'part_approval -.->|"not in time: no_approval"| undo',
      ]),
    );
  });

  it('shows the steps of a group side by side', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'part_parts_together{{"side by side"}}',
        'part_device -->|"DeviceArrived"| part_parts_together',
        'part_parts_together --> part_parts',
        'part_parts_together --> part_engineer',
        'part_parts -->|"PartsReserved"| part_parts_together_done',
        'part_engineer -->|"EngineerBooked"| part_parts_together_done',
        'part_parts_together_done --> part_confirm',
      ]),
    );
  });

  it('marks the pivot, and shows the delay after it', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'part_confirm[["confirm (pivot)"]]:::pivot',
        'part_confirm -.->|"RepairConfirmationRefused"| undo',
        'part_burn_in[/"burn-in: wait 1 hour"/]',
        'part_confirm -->|"RepairConfirmed"| part_burn_in',
      ]),
    );
  });

  it('undoes the steps in reverse order, after a rejection, a cancellation or the deadline', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'part_slot -.->|"SlotRefused, or no reply"| undo',
        'deadline(["deadline of 3 days"])',
        'deadline -.->|"until the pivot is sent"| undo',
        'undo --> undo_part_engineer',
        'undo_part_engineer -->|"EngineerFreed"| undo_part_parts',
        'undo_part_parts -->|"PartsReturned"| undo_part_slot',
        'undo_part_slot -->|"SlotFreed"| closing',
      ]),
    );
  });

  it('gives each node one shape and draws no arrow to a node that has none', () => {
    const shaped = lines.flatMap((line) => /^(\w+)(?=[[({])/.exec(line)?.[1] ?? []);
    const arrows = lines.flatMap((line) => {
      const [, from, to] = /^(\w+) -\.?->(?:\|"[^"|]+"\|)? (\w+)/.exec(line) ?? [];
      return from === undefined || to === undefined ? [] : [from, to];
    });
    expect(new Set(shaped).size).toBe(shaped.length);
    expect(new Set(arrows)).toEqual(new Set([...shaped, 'compensated']));
  });
});
