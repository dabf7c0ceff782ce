/** The messages around a new step, and its own. */
export interface Surroundings {
  readonly step: Messages;
  /** The part that the step stands after. Without one, the start message takes its place. */
  readonly previousAccepted: string;
  /** What undoes the nearest step before it that can be undone. */
  readonly previousUndone?: string;
  readonly previousUndo?: string;
  readonly next?: Partial<Messages> & { readonly isLocal: boolean };
  /** The command of the part after the next one, which follows a command that is not sent. */
  readonly commandAfterNext?: string;
  readonly closingCommand: string;
  readonly closingAccepted: string;
}

interface Messages {
  readonly command: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly undo: string;
  readonly undone: string;
}

/** What has to be inserted before the item at an index, or at the end of the list. */
export interface Insertion {
  readonly before: number;
  readonly items: readonly string[];
}

/** How far a story comes around the new step. */
export interface Reached {
  readonly accepted: boolean;
  readonly undone: boolean;
}

/**
 * Returns what the step adds to a story of replies: it is accepted before the next part is heard of, and
 * undone before what stands before it. The commands of the same story say whether the next part was reached.
 */
export function repliesWith(
  replies: readonly (string | undefined)[],
  around: Surroundings,
  commands: readonly (string | undefined)[] = [],
): { readonly insertions: readonly Insertion[]; readonly reached: Reached } {
  const { step, next, previousAccepted, previousUndone, closingAccepted } = around;
  const indexOf = (type: string | undefined): number => (type === undefined ? -1 : replies.indexOf(type));
  const heard = [next?.accepted, next?.rejected].map(indexOf).filter((index) => index >= 0);
  const undoneNext = indexOf(next?.undone);
  const afterPrevious = indexOf(previousAccepted) + 1;
  const asked = next?.isLocal === false && afterPrevious > 0 && commands.includes(next.command);
  const accepted = heard.length > 0 ? Math.min(...heard) : undoneNext >= 0 || asked ? afterPrevious : -1;
  if (accepted < 0 || replies.includes(step.accepted))
    return { insertions: [], reached: { accepted: false, undone: false } };
  const undone = indexOf(previousUndone) >= 0 ? indexOf(previousUndone) : indexOf(closingAccepted);
  return {
    insertions: [
      { before: accepted, items: [step.accepted] },
      ...(undone < 0 ? [] : [{ before: undone, items: [step.undone] }]),
    ],
    reached: { accepted: true, undone: undone >= 0 },
  };
}

/** Returns what the step adds to the commands of a story. */
export function commandsWith(
  commands: readonly (string | undefined)[],
  around: Surroundings,
  { accepted, undone }: Reached,
): readonly Insertion[] {
  const { step, next, commandAfterNext, previousUndo, closingCommand } = around;
  if (!accepted || commands.includes(step.command)) return [];
  const first = (types: readonly (string | undefined)[]): number => {
    const found = commands.findIndex((each) => each !== undefined && types.includes(each));
    return found < 0 ? commands.length : found;
  };
  const undoing = [previousUndo, closingCommand];
  const sent = first([
    next?.isLocal === true ? undefined : next?.command,
    commandAfterNext,
    next?.undo,
    ...undoing,
  ]);
  const undo = first(undoing);
  if (undone && sent === undo) return [{ before: sent, items: [step.command, step.undo] }];
  return [{ before: sent, items: [step.command] }, ...(undone ? [{ before: undo, items: [step.undo] }] : [])];
}
