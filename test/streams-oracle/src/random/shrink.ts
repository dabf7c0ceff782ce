import type { Program } from './program.ts';

/**
 * Leaves out calls, with all that are made on them, as long as the rest still fails. What is left
 * keeps its ids, hence the names that end in them.
 */
export async function shrunk(
  program: Program,
  stillFails: (shorter: Program) => Promise<boolean>,
): Promise<Program> {
  for (const { id } of program.toReversed()) {
    const shorter = without(program, id);
    if (shorter.length > 0 && shorter.length < program.length && (await stillFails(shorter)))
      return shrunk(shorter, stillFails);
  }
  return program;
}

function without(program: Program, dropped: number): Program {
  const gone = new Set([dropped]);
  return program.filter(({ id, on }) => {
    if (on.some((operand) => gone.has(operand))) gone.add(id);
    return !gone.has(id);
  });
}
