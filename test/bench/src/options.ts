import { optionsOf } from '@millrace/test-support/options';

type Defaults = Parameters<typeof optionsOf>[1];

/** Reads the options of a bench, of which a part or a short run writes no page. */
export function benchOptions<Each extends Defaults>(values: readonly string[], defaults: Each) {
  const given = optionsOf(values, defaults);
  const { write, quick, only }: Defaults = given;
  if (write === true && quick === true)
    throw new Error('--quick measures nothing worth keeping: leave out --write');
  if (write === true && (only ?? '') !== '')
    throw new Error('--only runs a part, and --write needs all: leave out one of the two');
  return given;
}
