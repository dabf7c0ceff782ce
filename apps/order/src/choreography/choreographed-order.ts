import type { CancellationReason } from '@millrace/contracts';
import { inlineProjection, instant, type EventStamp } from '@millrace/read-models';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ChoreographyEvent, Step, UndoneStep } from './events.ts';

export type ChoreographyStatus = 'running' | 'compensating' | 'completed' | 'compensated';

/** How far a choreographed order has come, with the moment of each step. */
@Entity('choreographed_order')
@Index('choreographed_order_open', ['updatedAt'], { where: `status IN ('running', 'compensating')` })
export class ChoreographedOrder {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  status!: ChoreographyStatus;

  @Column('text', { nullable: true })
  reason!: CancellationReason | null;

  @Column({ ...instant, nullable: true })
  reservedAt!: string | null;

  @Column({ ...instant, nullable: true })
  paidAt!: string | null;

  @Column({ ...instant, nullable: true })
  shippedAt!: string | null;

  @Column({ ...instant, nullable: true })
  completedAt!: string | null;

  @Column({ ...instant, nullable: true })
  committedAt!: string | null;

  @Column({ ...instant, nullable: true })
  failedAt!: string | null;

  @Column({ ...instant, nullable: true })
  releasedAt!: string | null;

  @Column({ ...instant, nullable: true })
  refundedAt!: string | null;

  @Column({ ...instant, nullable: true })
  cancelledAt!: string | null;

  @Column(instant)
  startedAt!: string;

  @Column(instant)
  updatedAt!: string;
}

type Moments = Partial<ChoreographedOrder>;

const doneAt: Readonly<Record<Step, (at: string) => Moments>> = {
  reserve: (reservedAt) => ({ reservedAt }),
  pay: (paidAt) => ({ paidAt }),
  ship: (shippedAt) => ({ shippedAt }),
  complete: (completedAt) => ({ completedAt }),
  commit: (committedAt) => ({ committedAt }),
};

const undoneAt: Readonly<Record<UndoneStep, (at: string) => Moments>> = {
  reserve: (releasedAt) => ({ releasedAt }),
  pay: (refundedAt) => ({ refundedAt }),
  ship: (cancelledAt) => ({ cancelledAt }),
};

const stamped = ({ at }: EventStamp) => ({ updatedAt: at });

export const choreographedOrderProjection = inlineProjection(ChoreographedOrder).of<ChoreographyEvent>({
  ChoreographyStarted: ({ at }, stamp) => ({ status: 'running', startedAt: at, ...stamped(stamp) }),
  StepDone: ({ step, at }, stamp) => ({ ...doneAt[step](at), ...stamped(stamp) }),
  DetailsRepeated: (_, stamp) => stamped(stamp),
  ChoreographyFailed: ({ reason, at }, stamp) => ({
    status: 'compensating',
    reason,
    failedAt: at,
    ...stamped(stamp),
  }),
  StepUndone: ({ step, at }, stamp) => ({ ...undoneAt[step](at), ...stamped(stamp) }),
  ChoreographyCompleted: (_, stamp) => ({ status: 'completed', ...stamped(stamp) }),
  ChoreographyCompensated: (_, stamp) => ({ status: 'compensated', ...stamped(stamp) }),
});
