/** Calls a function as JavaScript can, with arguments of any type. */
export const failureOf = async (
  call: (...given: never[]) => unknown,
  ...given: unknown[]
): Promise<unknown> => {
  try {
    return await call(...(given as never[]));
  } catch (error) {
    return error;
  }
};
