import { OperationFailed, InvalidInput } from '@millrace/operations/client';
import type { Call, OptionDefinition } from '../command/command.ts';

export const yesOption: OptionDefinition = { flags: '--yes', meaning: 'do it without asking' };

/**
 * Resolves once the act is confirmed by `--yes` or by a person. Rejects where nobody can be asked,
 * so that a script never destroys something by accident.
 */
export async function confirm({ session, options }: Call, act: string): Promise<void> {
  if (options.flag('yes')) return;
  const { terminal } = session;
  if (!terminal.interactive)
    throw new InvalidInput(`this would ${act}: add --yes to do it where nobody can be asked`);
  const answer = await terminal.ask(`This will ${act}. Continue? [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new OperationFailed('nothing was changed');
}
