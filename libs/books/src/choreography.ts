/** The events with which order follows a choreographed order, and the statuses of its read model. */
export const choreography = {
  stream: 'choreography',
  table: 'choreographed_order',
  words: {
    ChoreographyStarted: 'running',
    ChoreographyFailed: 'compensating',
    ChoreographyCompleted: 'completed',
    ChoreographyCompensated: 'compensated',
  },
  ends: ['ChoreographyCompleted', 'ChoreographyCompensated'],
} as const;
