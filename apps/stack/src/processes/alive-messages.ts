/** The question that the stack asks its children over IPC, and their answer. */
export const aliveQuestion = { type: 'alive?' } as const;
export const aliveMessage = { type: 'alive' } as const;

export const isAliveQuestion = (message: unknown): boolean => typeOf(message) === aliveQuestion.type;
export const isAliveMessage = (message: unknown): boolean => typeOf(message) === aliveMessage.type;

const typeOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
