/**
 * How often a row may appear on the log:
 * - `at-least-once`: after a crash or a hand-over, the last batch may appear twice.
 * - `exactly-once`: a reader with `read_committed` sees every row once.
 */
export const deliveries = ['at-least-once', 'exactly-once'] as const;

export type Delivery = (typeof deliveries)[number];
