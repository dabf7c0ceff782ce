import { InvalidMessage, type MessageDeclaration } from '@millrace/streaming-core/contract';
import type { BuildCommand, CommandSource, SagaDefinition } from './definition.ts';

/**
 * Returns the command that a function of the definition builds. The function is all that a definition has,
 * so it gets a stand-in for the data of an instance. The constructor of the message rejects the stand-in,
 * and its error names the command. A function that chooses between commands shows one of them.
 *
 * Returns undefined if the function fails before it comes to the constructor.
 */
export function commandBuiltBy(
  build: BuildCommand,
  { commands }: Pick<SagaDefinition, 'commands'>,
): MessageDeclaration | undefined {
  try {
    return commands.get(build(standIn as CommandSource).type);
  } catch (error) {
    return error instanceof InvalidMessage ? commands.get(error.type) : undefined;
  }
}

/** Has every field and every method, each of which is the stand-in again. A list has it once. */
const standIn: unknown = new Proxy(() => undefined, {
  get(_target, field) {
    if (field === Symbol.toPrimitive) return (hint: string) => (hint === 'string' ? 'text' : 1);
    if (field === Symbol.iterator) return [standIn].values.bind([standIn]);
    return standIn;
  },
  apply: () => standIn,
});
