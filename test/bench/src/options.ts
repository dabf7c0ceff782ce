import { optionsOf, type LargestOf, type OptionDefaults } from '@millrace/test-support/options';

/** Reads the options of a bench, of which a part or a short run writes no page. */
export function benchOptions<Defaults extends OptionDefaults>(
  values: readonly string[],
  defaults: Defaults,
  largest: LargestOf<Defaults>,
) {
  const given = optionsOf(values, defaults, largest);
  const { write, quick, only }: OptionDefaults = given;
  if (write === true && quick === true)
    throw new Error('--quick measures nothing worth keeping: leave out --write');
  if (write === true && (only ?? '') !== '')
    throw new Error('--only runs a part, and --write needs all: leave out one of the two');
  return given;
}
