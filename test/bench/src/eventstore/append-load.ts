/** Appends a number of events to a new stream, in a transaction of its own. */
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
