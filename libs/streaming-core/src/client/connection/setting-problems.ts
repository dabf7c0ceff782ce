/** Returns the text of a variable, or undefined if it is unset or blank. */
export type Given = (name: string) => string | undefined;

/**
 * Adds a problem for each of the variables that is set. They have no effect with this `selector`.
 */
export function refuse(
  variables: readonly string[],
  given: Given,
  problems: string[],
  selector: { readonly name: string; readonly value: string; readonly instead: string },
): undefined {
  const { name: by, value, instead } = selector;
  for (const name of variables)
    if (given(name) !== undefined)
      problems.push(`${name}: has no effect with ${by} ${value}: unset it, or set ${by} to ${instead}`);
}

export const oneOf = (values: readonly string[]): string =>
  `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
