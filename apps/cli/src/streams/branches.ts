import type { CausationNode, CausedEvent } from '@millrace/event-sourcing';

/** An event of one of the services, as the operator API shows it. */
export interface CorrelatedEvent extends CausedEvent {
  readonly service: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly recordedAt: string;
  readonly actor?: string;
}

/** A line of a drawn tree. `branch` stands before the event. */
export interface Branch {
  readonly branch: string;
  readonly event: CorrelatedEvent;
  readonly by: string | undefined;
}

/** Draws the tree from the top, each event below the one that caused it. */
export const branchesOf = (nodes: readonly CausationNode<CorrelatedEvent>[]): readonly Branch[] =>
  nodes.flatMap((node) => [{ branch: '', event: node.event, by: node.by }, ...below(node, '')]);

const below = ({ caused }: CausationNode<CorrelatedEvent>, margin: string): readonly Branch[] =>
  caused.flatMap((node, index) => {
    const isLast = index === caused.length - 1;
    const own = { branch: `${margin}${isLast ? '└─ ' : '├─ '}`, event: node.event, by: node.by };
    return [own, ...below(node, `${margin}${isLast ? '   ' : '│  '}`)];
  });
