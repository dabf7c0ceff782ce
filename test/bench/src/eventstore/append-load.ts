export type AppendToNew = (events: number) => Promise<unknown>;

/** An event of the usual size. Its fields do not matter. */
export const event = (): { readonly type: string } & Record<string, unknown> => ({
  type: 'Taken',
  orderId: '0199e5a0-0000-7000-8000-000000000001',
  quantity: 1,
});

export interface Load {
  readonly events: number;
  readonly count: number;
  readonly seconds: number;
}

/** The ways to append that are compared. */
export const ways = ['own', 'Emmett', 'pgbench'] as const;
export type Way = (typeof ways)[number];

export interface AppendRates extends Pick<Load, 'events' | 'count'> {
  /** The median of the rounds. A way that was left out has none. */
  readonly perSecond: Partial<Readonly<Record<Way, number>>>;
}
