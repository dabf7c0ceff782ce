/** A figure or a part for each service that an order needs. */
export interface Steps<Part> {
  readonly inventory: Part;
  readonly shipping: Part;
  readonly notification: Part;
}

type Step = keyof Steps<unknown>;

/** Where orders are placed, either with a chain of calls behind it or with a topic. */
export interface Place {
  /** Resolves to the status of HTTP: 202 if the order is accepted. */
  place(orderId: string): Promise<number>;
  /** The orders for which a service has done its work, in order. */
  done(step: Step): readonly string[];
  takeDown(step: Step): Promise<void>;
  bringBack(step: Step): Promise<void>;
  stop(): Promise<void>;
}

export const inParallel = async <Part>(
  parts: Steps<Part>,
  work: (part: Part) => Promise<void>,
): Promise<void> => void (await Promise.all(Object.values<Part>({ ...parts }).map(work)));
