import { createHash } from 'node:crypto';

/**
 * Shares pieces of work among the members. Each member gets at most an equal share, rounded up, and most
 * pieces stay where they are when a member comes or goes (consistent hashing with bounded loads). Every
 * member computes the same result from the same members and pieces, so nobody has to send assignments.
 */
export function assign(members: readonly string[], pieces: readonly string[]): ReadonlyMap<string, string> {
  const loadMax = Math.ceil(pieces.length / Math.max(1, members.length));
  const loads = new Map<string, number>();
  const assigned = new Map<string, string>();
  for (const piece of pieces.toSorted()) {
    const owner = ranked(members, piece).find((member) => (loads.get(member) ?? 0) < loadMax);
    if (owner === undefined) continue;
    loads.set(owner, (loads.get(owner) ?? 0) + 1);
    assigned.set(piece, owner);
  }
  return assigned;
}

function ranked(members: readonly string[], piece: string): readonly string[] {
  const weights = new Map(members.map((member) => [member, weightOf(member, piece)]));
  return members.toSorted((left, right) => weights.get(right)! - weights.get(left)!);
}

const weightOf = (member: string, piece: string): number =>
  createHash('sha256').update(`${member}\n${piece}`).digest().readUIntBE(0, 6);
