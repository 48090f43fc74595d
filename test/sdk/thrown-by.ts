/**
 * What a client throws.
 * @throws when it takes the answer for a success
 */
export const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => {
      throw new Error(`The client took this for a success: ${JSON.stringify(answer)}`);
    },
    (error: unknown) => error,
  );
